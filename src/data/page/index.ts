export { responseBytes, bytesAt } from "./fetched-bytes.ts";
export { openPagePictures, pagePictureName } from "./open-page-pictures.ts";
export { type PageFile, type PagePicture, type TakenPicture, takePicture } from "./page-picture.ts";
