// Passes over planes [height, width] of images, two or four numbers at a time. Sums are in double precision and in the order of
// src/augment/plane-filter.ts, and JPEG's whole numbers those of src/augment/corruptions/jpeg.ts: the same bits as there.
// What each function reads may lie up to 128 bytes behind its arrays.
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(name)))

// Rows of a plane continued to both sides: wide[y, i] = plane[y, columns[i]], where columns goes up by one from `left` on.
static void widen(const float *plane, int height, int width, const int *columns, int wideWidth, int left, double *wide) {
  for (int y = 0; y < height; y++, plane += width, wide += wideWidth) {
    for (int i = 0; i < left; i++) wide[i] = plane[columns[i]];
    for (int x = 0; x < width; x++) wide[left + x] = plane[x];
    for (int i = left + width; i < wideWidth; i++) wide[i] = plane[columns[i]];
  }
}

static inline void store(v128_t a, v128_t b, v128_t c, v128_t d, float *out, int count) {
  v128_t low = wasm_i64x2_shuffle(wasm_f32x4_demote_f64x2_zero(a), wasm_f32x4_demote_f64x2_zero(b), 0, 2);
  v128_t high = wasm_i64x2_shuffle(wasm_f32x4_demote_f64x2_zero(c), wasm_f32x4_demote_f64x2_zero(d), 0, 2);
  if (count >= 8) {
    wasm_v128_store(out, low);
    wasm_v128_store(out + 4, high);
    return;
  }
  float some[8];
  wasm_v128_store(some, low);
  wasm_v128_store(some + 4, high);
  for (int i = 0; i < count; i++) out[i] = some[i];
}

#define PLUS(sum, at) sum = wasm_f64x2_add(sum, wasm_f64x2_mul(weight, wasm_v128_load(at)))
#define PAIR(sum, a, b) \
  sum = wasm_f64x2_add(sum, wasm_f64x2_mul(weight, wasm_f64x2_add(wasm_v128_load(a), wasm_v128_load(b))))

// Each pixel as the sum of weights[t] · the pixel tapRows[t] rows and tapColumns[t] columns on in what rows and columns continue.
EXPORT("filter")
void filter(const float *planes, int count, int height, int width, const int *rows, const int *columns, int wideWidth, int left,
            const int *tapRows, const int *tapColumns, const double *weights, int taps, int *starts, double *wide, float *out) {
  for (; count > 0; count--, planes += height * width) {
    widen(planes, height, width, columns, wideWidth, left, wide);
    for (int y = 0; y < height; y++, out += width) {
      for (int t = 0; t < taps; t++) starts[t] = rows[y + tapRows[t]] * wideWidth + tapColumns[t];
      for (int x = 0; x < width; x += 16) {
        v128_t a = wasm_f64x2_splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        for (int t = 0; t < taps; t++) {
          const double *at = wide + starts[t] + x;
          v128_t weight = wasm_v128_load64_splat(weights + t);
          PLUS(a, at);
          PLUS(b, at + 2);
          PLUS(c, at + 4);
          PLUS(d, at + 6);
          PLUS(e, at + 8);
          PLUS(f, at + 10);
          PLUS(g, at + 12);
          PLUS(h, at + 14);
        }
        store(a, b, c, d, out + x, width - x);
        if (width - x > 8) store(e, f, g, h, out + x + 8, width - x - 8);
      }
    }
  }
}

// The same for a middle tap and pairs of equal weight: the places of tap t > 0 are 2t − 1 and 2t, added first.
EXPORT("filterPairs")
void filterPairs(const float *planes, int count, int height, int width, const int *rows, const int *columns, int wideWidth, int left,
                 const int *tapRows, const int *tapColumns, const double *weights, int taps, int *starts, double *wide, float *out) {
  for (; count > 0; count--, planes += height * width) {
    widen(planes, height, width, columns, wideWidth, left, wide);
    for (int y = 0; y < height; y++, out += width) {
      for (int t = 0; t < 2 * taps - 1; t++) starts[t] = rows[y + tapRows[t]] * wideWidth + tapColumns[t];
      for (int x = 0; x < width; x += 8) {
        const double *at = wide + starts[0] + x;
        v128_t weight = wasm_v128_load64_splat(weights);
        v128_t a = wasm_f64x2_mul(weight, wasm_v128_load(at)), b = wasm_f64x2_mul(weight, wasm_v128_load(at + 2));
        v128_t c = wasm_f64x2_mul(weight, wasm_v128_load(at + 4)), d = wasm_f64x2_mul(weight, wasm_v128_load(at + 6));
        for (int t = 1; t < taps; t++) {
          const double *p = wide + starts[2 * t - 1] + x, *q = wide + starts[2 * t] + x;
          weight = wasm_v128_load64_splat(weights + t);
          PAIR(a, p, q);
          PAIR(b, p + 2, q + 2);
          PAIR(c, p + 4, q + 4);
          PAIR(d, p + 6, q + 6);
        }
        store(a, b, c, d, out + x, width - x);
      }
    }
  }
}

// The same for four places of each weight, tapRows[t] rows above and below and tapColumns[t] columns to both sides: rows are added first,
// to lines behind those of `wide`. Planes are continued by `left` rows as by columns.
EXPORT("filterQuarters")
void filterQuarters(const float *planes, int count, int height, int width, const int *rows, const int *columns, int wideWidth, int left,
                    const int *tapRows, const int *tapColumns, const double *weights, int taps, int *starts, double *wide, float *out) {
  int reach = 0, *right = starts, *toLeft = starts + taps;
  for (int t = 0; t < taps; t++) {
    if (tapRows[t] > reach) reach = tapRows[t];
    right[t] = tapRows[t] * wideWidth + left + tapColumns[t];
    toLeft[t] = tapRows[t] * wideWidth + left - tapColumns[t];
  }
  double *both = wide + height * wideWidth;
  for (; count > 0; count--, planes += height * width) {
    widen(planes, height, width, columns, wideWidth, left, wide);
    for (int y = 0; y < height; y++, out += width) {
      for (int down = 0; down <= reach; down++) {
        const double *below = wide + rows[y + left + down] * wideWidth, *above = wide + rows[y + left - down] * wideWidth;
        double *line = both + down * wideWidth;
        for (int i = 0; i < wideWidth; i++) line[i] = below[i] + above[i];
      }
      for (int x = 0; x < width; x += 8) {
        v128_t a = wasm_f64x2_splat(0), b = a, c = a, d = a;
        const double *from = both + x;
        for (int t = 0; t < taps; t++) {
          const double *p = from + right[t], *q = from + toLeft[t];
          v128_t weight = wasm_v128_load64_splat(weights + t);
          PAIR(a, p, q);
          PAIR(b, p + 2, q + 2);
          PAIR(c, p + 4, q + 4);
          PAIR(d, p + 6, q + 6);
        }
        store(a, b, c, d, out + x, width - x);
      }
    }
  }
}

// libjpeg's accurate cosine transforms (jfdctint.c, jidctint.c), eight lines at a time: line[i][k] is number i of line k.
typedef int line __attribute__((vector_size(16)));

static inline void forwardLines(line *b, int shift, int isFirst) {
  line half = (line){1, 1, 1, 1} << (shift - 1);
  for (int k = 0; k < 2; k++) {
#define B(i) b[2 * (i) + k]
    line t0 = B(0) + B(7), t7 = B(0) - B(7), t1 = B(1) + B(6), t6 = B(1) - B(6);
    line t2 = B(2) + B(5), t5 = B(2) - B(5), t3 = B(3) + B(4), t4 = B(3) - B(4);
    line t10 = t0 + t3, t13 = t0 - t3, t11 = t1 + t2, t12 = t1 - t2;
    B(0) = isFirst ? (t10 + t11) << 2 : (t10 + t11 + 2) >> 2;
    B(4) = isFirst ? (t10 - t11) << 2 : (t10 - t11 + 2) >> 2;
    line z = (t12 + t13) * 4433;
    B(2) = (z + t13 * 6270 + half) >> shift;
    B(6) = (z - t12 * 15137 + half) >> shift;
    line z1 = -(t4 + t7) * 7373, z2 = -(t5 + t6) * 20995, z5 = (t4 + t6 + t5 + t7) * 9633;
    line z3 = z5 - (t4 + t6) * 16069, z4 = z5 - (t5 + t7) * 3196;
    B(7) = (t4 * 2446 + z1 + z3 + half) >> shift;
    B(5) = (t5 * 16819 + z2 + z4 + half) >> shift;
    B(3) = (t6 * 25172 + z2 + z3 + half) >> shift;
    B(1) = (t7 * 12299 + z1 + z4 + half) >> shift;
  }
}

static inline void inverseLines(line *lines, int shift) {
  line half = (line){1, 1, 1, 1} << (shift - 1);
  for (int k = 0; k < 2; k++) {
    line *b = lines;
    line z = (B(2) + B(6)) * 4433, e2 = z - B(6) * 15137, e3 = z + B(2) * 6270;
    line e0 = (B(0) + B(4)) * 8192, e1 = (B(0) - B(4)) * 8192;
    line t10 = e0 + e3, t13 = e0 - e3, t11 = e1 + e2, t12 = e1 - e2;
    line p = B(7), q = B(5), r = B(3), s = B(1);
    line z1 = -(p + s) * 7373, z2 = -(q + r) * 20995, z5 = (p + r + q + s) * 9633;
    line z3 = z5 - (p + r) * 16069, z4 = z5 - (q + s) * 3196;
    line o0 = p * 2446 + z1 + z3, o1 = q * 16819 + z2 + z4, o2 = r * 25172 + z2 + z3, o3 = s * 12299 + z1 + z4;
    B(0) = (t10 + o3 + half) >> shift;
    B(7) = (t10 - o3 + half) >> shift;
    B(1) = (t11 + o2 + half) >> shift;
    B(6) = (t11 - o2 + half) >> shift;
    B(2) = (t12 + o1 + half) >> shift;
    B(5) = (t12 - o1 + half) >> shift;
    B(3) = (t13 + o0 + half) >> shift;
    B(4) = (t13 - o0 + half) >> shift;
  }
#undef B
}

static inline void transposeFour(v128_t *from, v128_t *to) {
  v128_t a = wasm_i32x4_shuffle(from[0], from[2], 0, 4, 1, 5), b = wasm_i32x4_shuffle(from[0], from[2], 2, 6, 3, 7);
  v128_t c = wasm_i32x4_shuffle(from[4], from[6], 0, 4, 1, 5), d = wasm_i32x4_shuffle(from[4], from[6], 2, 6, 3, 7);
  to[0] = wasm_i64x2_shuffle(a, c, 0, 2);
  to[2] = wasm_i64x2_shuffle(a, c, 1, 3);
  to[4] = wasm_i64x2_shuffle(b, d, 0, 2);
  to[6] = wasm_i64x2_shuffle(b, d, 1, 3);
}

static inline void transpose(line *block) {
  v128_t from[16];
  __builtin_memcpy(from, block, sizeof from);
  v128_t *to = (v128_t *)block;
  transposeFour(from, to);
  transposeFour(from + 1, to + 8);
  transposeFour(from + 8, to + 1);
  transposeFour(from + 9, to + 9);
}

static inline int clamped(int value, int least, int most) { return value < least ? least : value > most ? most : value; }

// Bytes [height, width] after their blocks of 8×8 went through the steps; those at the border are filled up with its last pixels.
static void quantize(const int *values, int height, int width, const int *steps, int *out) {
  line block[16];
  int *at = (int *)block;
  for (int top = 0; top < height; top += 8) {
    for (int left = 0; left < width; left += 8) {
      int isWhole = top + 8 <= height && left + 8 <= width;
      for (int i = 0; i < 8; i++) {
        int y = clamped(top + i, 0, height - 1);
        const int *row = values + y * width;
        if (isWhole)
          for (int j = 0; j < 8; j++) at[8 * i + j] = row[left + j] - 128;
        else
          for (int j = 0; j < 8; j++) at[8 * i + j] = row[clamped(left + j, 0, width - 1)] - 128;
      }
      transpose(block);
      forwardLines(block, 11, 1);
      transpose(block);
      forwardLines(block, 15, 0);
      for (int i = 0; i < 64; i++) {
        // Exact: both are whole numbers below 2^18.
        int size = at[i] < 0 ? -at[i] : at[i];
        int level = (int)((float)(size + 4 * steps[i]) / (float)(8 * steps[i])) * steps[i];
        at[i] = at[i] < 0 ? -level : level;
      }
      inverseLines(block, 11);
      transpose(block);
      inverseLines(block, 18);
      transpose(block);
      for (int i = 0; i < 8; i++) {
        int *row = out + (top + i) * width + left;
        if (isWhole)
          for (int j = 0; j < 8; j++) row[j] = clamped(at[8 * i + j] + 128, 0, 255);
        else if (top + i < height)
          for (int j = 0; j < 8 && left + j < width; j++) row[j] = clamped(at[8 * i + j] + 128, 0, 255);
      }
    }
  }
}

// Means of 2×2 pixels, [rows, columns], whole blocks wide: what fills them up are halves of the last pixel.
static void halve(const int *values, int height, int width, int rows, int columns, int *half) {
  for (int row = 0; row < rows; row++, half += columns) {
    const int *above = values + 2 * row * width;
    const int *below = values + clamped(2 * row + 1, 0, height - 1) * width;
    int column = 0;
    for (; column < width / 2 && column < columns; column++)
      half[column] = (above[2 * column] + above[2 * column + 1] + below[2 * column] + below[2 * column + 1] + 1 + (column & 1)) >> 2;
    for (; column < columns; column++) {
      int x = clamped(2 * column, 0, width - 1), next = clamped(2 * column + 1, 0, width - 1);
      half[column] = (above[x] + above[next] + below[x] + below[next] + 1 + (column & 1)) >> 2;
    }
  }
}

// Twice the size, 3/4 of the nearest pixel and 1/4 of the next along each axis. `sums` is for its own use.
static void enlarge(const int *values, int rows, int columns, int height, int width, int *sums, int *large) {
  int last = (width + 1) / 2 - 1;
  for (int y = 0; y < height; y++, large += width) {
    const int *near = values + (y >> 1) * columns;
    const int *far = values + clamped((y >> 1) + (y & 1 ? 1 : -1), 0, rows - 1) * columns;
    for (int i = 0; i <= last; i++) sums[i + 1] = 3 * near[i] + far[i];
    sums[0] = sums[1];
    sums[last + 2] = sums[last + 1];
    for (int i = 0; i < width / 2; i++) {
      large[2 * i] = (3 * sums[i + 1] + sums[i] + 8) >> 4;
      large[2 * i + 1] = (3 * sums[i + 1] + sums[i + 2] + 7) >> 4;
    }
    if (width & 1) large[width - 1] = (3 * sums[last + 1] + sums[last] + 8) >> 4;
  }
}

static inline int byteOf(float value) {
  float v = value > 0 ? value : 0;
  return (int)((v > 1 ? 1 : v) * 255 + 0.5f);
}

// Rounded once or twice, it is the same number.
static inline float shareOf(int byte) { return (float)byte / 255; }

// What JPEG loses of `count` images [channels, height, width] of 1 or 3 channels in [0, 1]. `work`: 10 · (height + 16) · (width + 16) whole numbers.
EXPORT("jpeg")
void jpeg(const float *images, int count, int channels, int height, int width, const int *luma, const int *chroma, int *work, float *out) {
  int area = height * width;
  int rows = (height + 1) / 2, columns = 8 * ((width + 15) / 16);
  int most = (height + 16) * (width + 16);
  int *y = work, *cb = y + most, *cr = cb + most, *bright = cr + most, *small = bright + most, *less = small + most;
  int *blue = less + most, *red = blue + most, *sums = red + most;
  for (; count > 0; count--, images += channels * area, out += channels * area) {
    if (channels == 1) {
      for (int i = 0; i < area; i++) y[i] = byteOf(images[i]);
      quantize(y, height, width, luma, bright);
      for (int i = 0; i < area; i++) out[i] = shareOf(bright[i]);
      continue;
    }
    for (int i = 0; i < area; i++) {
      int r = byteOf(images[i]), g = byteOf(images[area + i]), b = byteOf(images[2 * area + i]);
      y[i] = (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
      cb[i] = (-11059 * r - 21709 * g + 32768 * b + (128 << 16) + 32767) >> 16;
      cr[i] = (32768 * r - 27439 * g - 5329 * b + (128 << 16) + 32767) >> 16;
    }
    quantize(y, height, width, luma, bright);
    halve(cb, height, width, rows, columns, small);
    quantize(small, rows, columns, chroma, less);
    enlarge(less, rows, columns, height, width, sums, blue);
    halve(cr, height, width, rows, columns, small);
    quantize(small, rows, columns, chroma, less);
    enlarge(less, rows, columns, height, width, sums, red);
    for (int i = 0; i < area; i++) {
      int u = blue[i] - 128, v = red[i] - 128;
      out[i] = shareOf(clamped(bright[i] + ((91881 * v + 32768) >> 16), 0, 255));
      out[area + i] = shareOf(clamped(bright[i] + ((-22554 * u - 46802 * v + 32768) >> 16), 0, 255));
      out[2 * area + i] = shareOf(clamped(bright[i] + ((116130 * u + 32768) >> 16), 0, 255));
    }
  }
}

static inline v128_t lowHalf(v128_t four) { return wasm_f64x2_promote_low_f32x4(four); }
static inline v128_t highHalf(v128_t four) { return wasm_f64x2_promote_low_f32x4(wasm_i64x2_shuffle(four, four, 1, 0)); }
static inline v128_t joined(v128_t low, v128_t high) {
  return wasm_i64x2_shuffle(wasm_f32x4_demote_f64x2_zero(low), wasm_f32x4_demote_f64x2_zero(high), 0, 2);
}
// One instruction for each bound, which the standard's min and max are not: what is no number stays so, and -0 may stay too.
static inline v128_t between(v128_t value, v128_t least, v128_t most) { return wasm_f64x2_pmin(wasm_f64x2_pmax(value, least), most); }

// In place: each of `count` values v as scale · v + offset, clipped.
EXPORT("linear")
void linear(float *values, int count, double scale, double offset, double least, double most) {
  v128_t s = wasm_f64x2_splat(scale), o = wasm_f64x2_splat(offset), a = wasm_f64x2_splat(least), b = wasm_f64x2_splat(most);
  for (int i = 0; i < count; i += 4) {
    v128_t four = wasm_v128_load(values + i);
    v128_t low = between(wasm_f64x2_add(wasm_f64x2_mul(s, lowHalf(four)), o), a, b);
    v128_t high = between(wasm_f64x2_add(wasm_f64x2_mul(s, highHalf(four)), o), a, b);
    wasm_v128_store(values + i, joined(low, high));
  }
}

// The same in single precision.
EXPORT("linearSingle")
void linearSingle(float *values, int count, float scale, float offset, float least, float most) {
  v128_t s = wasm_f32x4_splat(scale), o = wasm_f32x4_splat(offset), a = wasm_f32x4_splat(least), b = wasm_f32x4_splat(most);
  for (int i = 0; i < count; i += 4) {
    v128_t made = wasm_f32x4_add(wasm_f32x4_mul(s, wasm_v128_load(values + i)), o);
    wasm_v128_store(values + i, wasm_f32x4_pmin(wasm_f32x4_pmax(made, a), b));
  }
}

static inline v128_t greyOf(v128_t red, v128_t green, v128_t blue) {
  v128_t sum = wasm_f64x2_add(wasm_f64x2_mul(wasm_f64x2_splat(0.2989), red), wasm_f64x2_mul(wasm_f64x2_splat(0.587), green));
  return wasm_f64x2_add(sum, wasm_f64x2_mul(wasm_f64x2_splat(0.114), blue));
}

// Images of three planes of `area` values, each pixel's colours as factor · colour + (1 − factor) · its grey level, clipped.
// Planes are written in their order: what goes beyond one of fewer than four pixels is overwritten.
EXPORT("saturation")
void saturation(float *images, int count, int area, double factor, float *out) {
  v128_t f = wasm_f64x2_splat(factor), rest = wasm_f64x2_splat(1 - factor), zero = wasm_f64x2_splat(0), one = wasm_f64x2_splat(1);
  for (; count > 0; count--, images += 3 * area, out += 3 * area) {
    for (int i = 0; i < area; i += 4) {
      // The last four may reach back into those before; they come out the same.
      int at = i + 4 <= area || area < 4 ? i : area - 4;
      v128_t colours[3], halves[2];
      for (int c = 0; c < 3; c++) colours[c] = wasm_v128_load(images + c * area + at);
      halves[0] = wasm_f64x2_mul(rest, greyOf(lowHalf(colours[0]), lowHalf(colours[1]), lowHalf(colours[2])));
      halves[1] = wasm_f64x2_mul(rest, greyOf(highHalf(colours[0]), highHalf(colours[1]), highHalf(colours[2])));
      for (int c = 0; c < 3; c++) {
        v128_t low = between(wasm_f64x2_add(wasm_f64x2_mul(f, lowHalf(colours[c])), halves[0]), zero, one);
        v128_t high = between(wasm_f64x2_add(wasm_f64x2_mul(f, highHalf(colours[c])), halves[1]), zero, one);
        wasm_v128_store(out + c * area + at, joined(low, high));
      }
    }
  }
}

// In place: values that are bytes / 255 by a table of 256. Returns how many parts of four had others, which stay.
EXPORT("curve")
int curve(float *values, int count, const float *table) {
  int others = 0;
  for (int i = 0; i < count; i += 4) {
    v128_t four = wasm_v128_load(values + i);
    v128_t byte = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_add(wasm_f32x4_mul(four, wasm_f32x4_splat(255)), wasm_f32x4_splat(0.5f)));
    byte = wasm_v128_and(byte, wasm_i32x4_splat(255));
    // The quotient in single precision is for all 256 that in double precision, rounded.
    v128_t isByte = wasm_f32x4_eq(wasm_f32x4_div(wasm_f32x4_convert_i32x4(byte), wasm_f32x4_splat(255)), four);
    if (!wasm_i32x4_all_true(isByte)) {
      others++;
      continue;
    }
    values[i] = table[wasm_i32x4_extract_lane(byte, 0)];
    values[i + 1] = table[wasm_i32x4_extract_lane(byte, 1)];
    values[i + 2] = table[wasm_i32x4_extract_lane(byte, 2)];
    values[i + 3] = table[wasm_i32x4_extract_lane(byte, 3)];
  }
  return others;
}

// Planes whose every line is resampled: along rows, then along columns. New place i is made of the taps from starts[i] to starts[i + 1]:
// the pixels `places` times `weights`. Sums are rounded to single precision between the two.
EXPORT("resample")
void resample(const float *planes, int count, int height, int width, const int *acrossStarts, const int *across, const double *acrossBy,
              const int *downStarts, const int *down, const double *downBy, float *between, float *out) {
  for (; count > 0; count--, planes += height * width) {
    for (int x = 0; x < width; x++) {
      int first = acrossStarts[x], taps = acrossStarts[x + 1] - first;
      if (taps == 2) {
        int a = across[first], b = across[first + 1];
        double v = acrossBy[first], w = acrossBy[first + 1];
        for (int y = 0, row = 0; y < height; y++, row += width) between[row + x] = v * planes[row + a] + w * planes[row + b];
        continue;
      }
      for (int y = 0, row = 0; y < height; y++, row += width) {
        double sum = 0;
        for (int t = first; t < first + taps; t++) sum += acrossBy[t] * planes[row + across[t]];
        between[row + x] = sum;
      }
    }
    for (int y = 0; y < height; y++, out += width) {
      for (int x = 0; x < width; x += 4) {
        v128_t low = wasm_f64x2_splat(0), high = low;
        for (int t = downStarts[y]; t < downStarts[y + 1]; t++) {
          v128_t four = wasm_v128_load(between + down[t] * width + x), by = wasm_v128_load64_splat(downBy + t);
          low = wasm_f64x2_add(low, wasm_f64x2_mul(by, lowHalf(four)));
          high = wasm_f64x2_add(high, wasm_f64x2_mul(by, highHalf(four)));
        }
        v128_t made = joined(low, high);
        if (x + 4 <= width) wasm_v128_store(out + x, made);
        else {
          float some[4];
          wasm_v128_store(some, made);
          for (int i = 0; x + i < width; i++) out[x + i] = some[i];
        }
      }
    }
  }
}

// Rows as columns.
static void turn(const float *from, int rows, int columns, float *to) {
  int y = 0;
  for (; y + 4 <= rows; y += 4) {
    const float *row = from + y * columns;
    int x = 0;
    for (; x + 4 <= columns; x += 4) {
      v128_t square[8], turned[8];
      for (int i = 0; i < 4; i++) square[2 * i] = wasm_v128_load(row + i * columns + x);
      transposeFour(square, turned);
      for (int i = 0; i < 4; i++) wasm_v128_store(to + (x + i) * rows + y, turned[2 * i]);
    }
    for (; x < columns; x++)
      for (int i = 0; i < 4; i++) to[x * rows + y + i] = row[i * columns + x];
  }
  for (; y < rows; y++)
    for (int x = 0; x < columns; x++) to[x * rows + y] = from[y * columns + x];
}

// Two pixels by four taps each, in double precision.
static inline v128_t weighed(const float *pixels, const int *at, const v128_t *weights, int from) {
#define TAP(i) wasm_f64x2_mul(weights[i], wasm_f64x2_promote_low_f32x4(wasm_v128_load64_zero(pixels + at[i] + from)))
  return wasm_f64x2_add(wasm_f64x2_add(wasm_f64x2_add(TAP(0), TAP(1)), TAP(2)), TAP(3));
}

// Planes warped by four taps for each of `targets` pixels; the others stay 0. `sources` and `weights`: 4 for each target. Planes are turned
// so that those of a pixel lie side by side, four at a time; what is over, one by one. `turned` and `made` have as many numbers as the planes.
EXPORT("warp")
void warp(const float *planes, int count, int area, const int *targets, int seen, const int *sources, const float *weights, float *turned,
          float *made, float *out) {
  int fours = count & ~3;
  if (fours > 0) {
    turn(planes, fours, area, turned);
    __builtin_memset(made, 0, (unsigned)fours * area * 4);
    for (int i = 0; i < seen; i++) {
      float *to = made + targets[i] * fours;
      v128_t w[4];
      int at[4];
      for (int k = 0; k < 4; k++) {
        w[k] = wasm_f64x2_splat(weights[4 * i + k]);
        at[k] = sources[4 * i + k] * fours;
      }
      for (int c = 0; c < fours; c += 4) wasm_v128_store(to + c, joined(weighed(turned, at, w, c), weighed(turned, at, w, c + 2)));
    }
    turn(made, area, fours, out);
  }
  const float *plane = planes + fours * area;
  out += fours * area;
  for (int c = fours; c < count; c++, plane += area, out += area) {
    __builtin_memset(out, 0, (unsigned)area * 4);
    for (int i = 0; i < seen; i++) {
      const int *s = sources + 4 * i;
      const float *w = weights + 4 * i;
      out[targets[i]] = (float)((double)w[0] * plane[s[0]] + (double)w[1] * plane[s[1]] + (double)w[2] * plane[s[2]] + (double)w[3] * plane[s[3]]);
    }
  }
}

// Hashes and normal numbers by src/augment/image-hash.ts and added-noise.ts, to the bit.
typedef unsigned int word;

static inline v128_t turned(v128_t words, int by) {
  return wasm_v128_or(wasm_i32x4_shl(words, by), wasm_u32x4_shr(words, 32 - by));
}

static inline v128_t mixedFour(v128_t states, v128_t words) {
  words = wasm_i32x4_mul(turned(wasm_i32x4_mul(words, wasm_i32x4_splat(0xcc9e2d51)), 15), wasm_i32x4_splat(0x1b873593));
  states = turned(wasm_v128_xor(states, words), 13);
  return wasm_i32x4_add(wasm_i32x4_mul(states, wasm_i32x4_splat(5)), wasm_i32x4_splat(0xe6546b64));
}

static inline v128_t finishedFour(v128_t states) {
  states = wasm_i32x4_mul(wasm_v128_xor(states, wasm_u32x4_shr(states, 16)), wasm_i32x4_splat(0x85ebca6b));
  states = wasm_i32x4_mul(wasm_v128_xor(states, wasm_u32x4_shr(states, 13)), wasm_i32x4_splat(0xc2b2ae35));
  return wasm_v128_xor(states, wasm_u32x4_shr(states, 16));
}

// Behind the last of `values` zeros are written, so that they are a multiple of four.
EXPORT("hash")
word hashOf(float *values, int count, word key) {
  for (int i = count; i % 4; i++) values[i] = 0;
  v128_t states = wasm_i32x4_splat(key);
  for (int i = 0; i < count; i += 4) states = mixedFour(states, wasm_v128_load(values + i));
  v128_t one = wasm_i32x4_splat(key ^ count);
  one = mixedFour(one, wasm_i32x4_splat(wasm_i32x4_extract_lane(states, 0)));
  one = mixedFour(one, wasm_i32x4_splat(wasm_i32x4_extract_lane(states, 1)));
  one = mixedFour(one, wasm_i32x4_splat(wasm_i32x4_extract_lane(states, 2)));
  one = mixedFour(one, wasm_i32x4_splat(wasm_i32x4_extract_lane(states, 3)));
  return wasm_i32x4_extract_lane(finishedFour(one), 0);
}

#define SINGLE(value) wasm_f32x4_splat(value)
#define ADD wasm_f32x4_add
#define SUB wasm_f32x4_sub
#define MUL wasm_f32x4_mul

static inline v128_t chosen(v128_t mask, v128_t yes, v128_t no) { return wasm_v128_bitselect(yes, no, mask); }

static inline v128_t logarithms(v128_t x) {
  v128_t bits = wasm_i32x4_sub(x, wasm_i32x4_splat(0x3f3504f3));
  v128_t e = wasm_f32x4_convert_i32x4(wasm_i32x4_shr(bits, 23));
  v128_t mantissa = wasm_i32x4_add(wasm_v128_and(bits, wasm_i32x4_splat(0x7fffff)), wasm_i32x4_splat(0x3f3504f3));
  v128_t m = SUB(mantissa, SINGLE(1)), z = MUL(m, m);
  v128_t y = SINGLE(7.0376836292e-2f);
  y = ADD(MUL(y, m), SINGLE(-1.1514610310e-1f));
  y = ADD(MUL(y, m), SINGLE(1.1676998740e-1f));
  y = ADD(MUL(y, m), SINGLE(-1.2420140846e-1f));
  y = ADD(MUL(y, m), SINGLE(1.4249322787e-1f));
  y = ADD(MUL(y, m), SINGLE(-1.6668057665e-1f));
  y = ADD(MUL(y, m), SINGLE(2.0000714765e-1f));
  y = ADD(MUL(y, m), SINGLE(-2.4999993993e-1f));
  y = ADD(MUL(y, m), SINGLE(3.3333331174e-1f));
  y = MUL(MUL(y, m), z);
  y = ADD(y, MUL(e, SINGLE(-2.12194440e-4f)));
  y = SUB(y, MUL(SINGLE(0.5f), z));
  return ADD(ADD(m, y), MUL(e, SINGLE(0.693359375f)));
}

// Adds to each of `count` values a normal number of standard deviation sigma, drawn by the key and the values themselves.
EXPORT("noise")
void noise(float *values, int count, word key, float sigma) {
  v128_t lanes = wasm_i32x4_add(wasm_i32x4_splat(hashOf(values, count, key)), wasm_i32x4_make(0, 0x9e3779b9, 0x3c6ef372, 0xdaa66d2b));
  v128_t s[4];
  for (int i = 0; i < 4; i++) s[i] = finishedFour(wasm_i32x4_add(lanes, wasm_i32x4_splat((i + 1) * 0x7f4a7c15u)));
  for (int i = 0; i < count; i += 8) {
    v128_t drawn[2];
    for (int k = 0; k < 2; k++) {
      drawn[k] = wasm_i32x4_add(s[0], s[3]);
      v128_t t = wasm_i32x4_shl(s[1], 9);
      s[2] = wasm_v128_xor(s[2], s[0]);
      s[3] = wasm_v128_xor(s[3], s[1]);
      s[1] = wasm_v128_xor(s[1], s[2]);
      s[0] = wasm_v128_xor(s[0], s[3]);
      s[2] = wasm_v128_xor(s[2], t);
      s[3] = turned(s[3], 11);
    }
    v128_t u = wasm_i32x4_add(wasm_u32x4_shr(drawn[0], 8), wasm_i32x4_splat(1));
    u = MUL(wasm_f32x4_convert_i32x4(u), SINGLE(0x1p-24f));
    v128_t radius = MUL(SINGLE(sigma), wasm_f32x4_sqrt(MUL(SINGLE(-2), logarithms(u))));
    v128_t part = wasm_v128_and(wasm_u32x4_shr(drawn[1], 8), wasm_i32x4_splat(0x3fffff));
    v128_t x = SUB(MUL(wasm_f32x4_convert_i32x4(part), SINGLE(0x1p-22f)), SINGLE(0.5f));
    x = MUL(x, SINGLE(1.57079637f));
    v128_t z = MUL(x, x);
    v128_t sine = ADD(MUL(SINGLE(-1.9515295891e-4f), z), SINGLE(8.3321608736e-3f));
    sine = ADD(MUL(MUL(ADD(MUL(sine, z), SINGLE(-1.6666654611e-1f)), z), x), x);
    v128_t cosine = ADD(MUL(SINGLE(2.443315711809948e-5f), z), SINGLE(-1.388731625493765e-3f));
    cosine = MUL(MUL(ADD(MUL(cosine, z), SINGLE(4.166664568298827e-2f)), z), z);
    cosine = ADD(SUB(cosine, MUL(SINGLE(0.5f), z)), SINGLE(1));
    // Which quarter of the circle: sides are exchanged in every other one, and signs turned.
    v128_t swap = wasm_i32x4_shr(wasm_i32x4_shl(drawn[1], 1), 31);
    v128_t signs = wasm_v128_and(drawn[1], wasm_i32x4_splat(0x80000000));
    v128_t one = wasm_v128_xor(MUL(radius, chosen(swap, sine, cosine)), signs);
    v128_t other = wasm_v128_xor(MUL(radius, chosen(swap, cosine, sine)), wasm_v128_xor(signs, wasm_v128_and(swap, wasm_i32x4_splat(0x80000000))));
    wasm_v128_store(values + i, ADD(wasm_v128_load(values + i), one));
    wasm_v128_store(values + i + 4, ADD(wasm_v128_load(values + i + 4), other));
  }
}

// Each of `count` rows as the mean of those from firsts to before ends: the bytes that they are next to, / 255. Up to three numbers behind
// `sums` and the last row are written.
static void meansOfRows(const float *rows, int width, int count, const int *firsts, const int *ends, int areBytes, double *sums, float *out) {
  v128_t scale = wasm_f64x2_splat(255), half = wasm_f64x2_splat(0.5);
  for (int y = 0; y < count; y++, out += width) {
    const float *from = rows + firsts[y] * width;
    int among = ends[y] - firsts[y];
    if (areBytes && among == 1) {
      __builtin_memcpy(out, from, 4 * (unsigned)width);
      continue;
    }
    for (int x = 0; x < width; x++) sums[x] = from[x];
    for (int k = 1; k < among; k++)
      for (int x = 0; x < width; x++) sums[x] += from[k * width + x];
    v128_t by = wasm_f64x2_splat(among);
    for (int x = 0; x < width; x += 4) {
      v128_t bytes[2];
      for (int i = 0; i < 2; i++) {
        v128_t mean = wasm_f64x2_div(wasm_f64x2_mul(scale, wasm_v128_load(sums + x + 2 * i)), by);
        bytes[i] = wasm_i32x4_trunc_sat_f64x2_zero(wasm_f64x2_floor(wasm_f64x2_add(mean, half)));
      }
      v128_t all = wasm_i64x2_shuffle(bytes[0], bytes[1], 0, 2);
      all = wasm_i32x4_min(wasm_i32x4_max(all, wasm_i32x4_splat(0)), wasm_i32x4_splat(255));
      wasm_v128_store(out + x, wasm_f32x4_div(wasm_f32x4_convert_i32x4(all), wasm_f32x4_splat(255)));
    }
  }
}

// Means over boxes, across and then down, as src/augment/corruptions/pixelate.ts has them. Across is down of the turned plane, several rows
// at a time. `turned` has as many numbers as the plane, `turnedMeans` and `along` [height, toWidth], `sums` the longer of height and toWidth.
EXPORT("boxes")
void boxes(const float *plane, int height, int width, int toHeight, int toWidth, const int *left, const int *right, const int *top,
           const int *bottom, int areBytes, float *turned, float *turnedMeans, float *along, double *sums, float *out) {
  turn(plane, height, width, turned);
  meansOfRows(turned, height, toWidth, left, right, areBytes, sums, turnedMeans);
  turn(turnedMeans, toWidth, height, along);
  meansOfRows(along, toWidth, toHeight, top, bottom, 1, sums, out);
}
