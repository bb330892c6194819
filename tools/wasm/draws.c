// Random numbers of pure-rand's xoroshiro128plus, many at a time: the bits of src/tensor/draws.ts.

#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(name)))

typedef unsigned long long word;
typedef struct {
  word s0, s1;
} generator;

// The generator's next number, of which pure-rand takes the lower half.
static inline unsigned next(generator *g) {
  unsigned sum = (unsigned)(g->s0 + g->s1);
  word a = g->s0 ^ g->s1;
  g->s0 = ((g->s0 << 24) | (g->s0 >> 40)) ^ a ^ (a << 16);
  g->s1 = (a << 37) | (a >> 27);
  return sum;
}

// As pure-rand's uniformFloat64.
EXPORT("uniforms")
void uniforms(generator *state, double *out, int count) {
  generator g = *state;
  for (int i = 0; i < count; i++) {
    double high = next(&g) & 0x3ffffff;
    out[i] = high * 0x1p-26 + (next(&g) & 0x7ffffff) * 0x1p-53;
  }
  *state = g;
}

#define F(value) wasm_f64x2_splat(value)
#define PLUS wasm_f64x2_add
#define MINUS wasm_f64x2_sub
#define TIMES wasm_f64x2_mul

// The natural logarithms of two positive normal numbers; draws.ts says how.
static inline v128_t logarithms(v128_t numbers) {
  v128_t exponents = wasm_u64x2_shr(wasm_i64x2_add(numbers, wasm_i64x2_splat(0x95f64ll << 32)), 52);
  v128_t whole = wasm_i64x2_sub(exponents, wasm_i64x2_splat(1023));
  v128_t k = wasm_f64x2_convert_low_i32x4(wasm_i32x4_shuffle(whole, whole, 0, 2, 0, 2));
  v128_t f = MINUS(wasm_i64x2_sub(numbers, wasm_i64x2_shl(whole, 52)), F(1));
  v128_t s = wasm_f64x2_div(f, PLUS(F(2), f)), z = TIMES(s, s), w = TIMES(z, z);
  v128_t odd = PLUS(F(0x1.c71c51d8e78afp-3), TIMES(w, F(0x1.39a09d078c69fp-3)));
  odd = TIMES(w, PLUS(F(0x1.999999997fa04p-2), TIMES(w, odd)));
  v128_t even = PLUS(F(0x1.7466496cb03dep-3), TIMES(w, F(0x1.2f112df3e5244p-3)));
  even = PLUS(F(0x1.2492494229359p-2), TIMES(w, even));
  even = TIMES(z, PLUS(F(0x1.5555555555593p-1), TIMES(w, even)));
  v128_t half = TIMES(TIMES(F(0.5), f), f);
  v128_t small = PLUS(TIMES(s, PLUS(half, PLUS(even, odd))), TIMES(k, F(0x1.a39ef35793c76p-33)));
  return MINUS(TIMES(k, F(0x1.62e42feep-1)), MINUS(MINUS(half, small), f));
}

// Marsaglia's polar method: `count` numbers, two at a time, of standard deviation sigma. An odd last one's partner is lost.
// `out` has room for three more.
EXPORT("normals")
void normals(generator *state, double *out, int count, double sigma) {
  generator g = *state;
  for (int i = 0; i < count;) {
    // One draw has 53 bits: 27 for x, 26 for y.
    unsigned high = next(&g) & 0x3ffffff, low = next(&g) & 0x7ffffff;
    double x = (double)(high << 1 | low >> 26) * 0x1p-26 - 1;
    double y = (double)(low & 0x3ffffff) * 0x1p-25 - 1;
    double square = x * x + y * y;
    out[i] = x;
    out[i + 1] = y;
    // No branch: what is outside the disc is written over.
    i += 2 * ((square < 1) & (square > 0));
  }
  *state = g;
  // A whole number of times four: what is made of the rest is not read.
  if ((count + 1) / 2 % 2) out[(count + 1) / 2 * 2] = out[(count + 1) / 2 * 2 + 1] = 0.5;
  for (int i = 0; i < count; i += 4) {
    v128_t a = wasm_v128_load(out + i), b = wasm_v128_load(out + i + 2);
    v128_t x = wasm_i64x2_shuffle(a, b, 0, 2), y = wasm_i64x2_shuffle(a, b, 1, 3);
    v128_t square = PLUS(TIMES(x, x), TIMES(y, y));
    v128_t factor = TIMES(F(sigma), wasm_f64x2_sqrt(wasm_f64x2_div(TIMES(F(-2), logarithms(square)), square)));
    x = TIMES(x, factor);
    y = TIMES(y, factor);
    wasm_v128_store(out + i, wasm_i64x2_shuffle(x, y, 0, 2));
    wasm_v128_store(out + i + 2, wasm_i64x2_shuffle(x, y, 1, 3));
  }
}
