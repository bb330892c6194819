/** What to do about HEIC, which no free decoder reads. */
export const heicAdvice = "convert it to JPEG, as by heif-convert, ImageMagick or macOS' sips";
