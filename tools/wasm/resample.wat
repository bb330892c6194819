;; The two passes of a resampling of bytes, three channels: sums of bytes times weights in fixed point, 22 bits behind the
;; point. Reads up to 15 bytes behind the input and writes as many behind the output.
(module
  (memory (export "memory") 1)

  ;; Rows [count, width, 3] at $image to [count, places, 3] at $out. Of each place a first input place (i32 at $firsts), and
  ;; where its weights begin (i32 at $starts, one more than there are places) among $weights (i32).
  (func (export "alongRows")
    (param $image i32) (param $width i32) (param $count i32)
    (param $firsts i32) (param $starts i32) (param $weights i32) (param $places i32) (param $out i32)
    (local $place i32) (local $at i32) (local $tap i32) (local $stop i32) (local $sum v128)
    (loop $rows
      (local.set $place (i32.const 0))
      (loop $along
        (local.set $at (i32.add (local.get $image)
          (i32.mul (i32.const 3) (i32.load (i32.add (local.get $firsts) (i32.shl (local.get $place) (i32.const 2)))))))
        (local.set $tap (i32.add (local.get $weights)
          (i32.shl (i32.load (i32.add (local.get $starts) (i32.shl (local.get $place) (i32.const 2)))) (i32.const 2))))
        (local.set $stop (i32.add (local.get $weights)
          (i32.shl (i32.load offset=4 (i32.add (local.get $starts) (i32.shl (local.get $place) (i32.const 2)))) (i32.const 2))))
        (local.set $sum (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (loop $taps
          (local.set $sum (i32x4.add (local.get $sum) (i32x4.mul
            (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $at))))
            (v128.load32_splat (local.get $tap)))))
          (local.set $at (i32.add (local.get $at) (i32.const 3)))
          (br_if $taps (i32.lt_u
            (local.tee $tap (i32.add (local.get $tap) (i32.const 4)))
            (local.get $stop))))
        (local.set $sum (i32x4.shr_s (local.get $sum) (i32.const 22)))
        (local.set $sum (i16x8.narrow_i32x4_s (local.get $sum) (local.get $sum)))
        (v128.store32_lane 0 (local.get $out) (i8x16.narrow_i16x8_u (local.get $sum) (local.get $sum)))
        (local.set $out (i32.add (local.get $out) (i32.const 3)))
        (br_if $along (i32.lt_u
          (local.tee $place (i32.add (local.get $place) (i32.const 1)))
          (local.get $places))))
      (local.set $image (i32.add (local.get $image) (i32.mul (i32.const 3) (local.get $width))))
      (br_if $rows (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))

  ;; Rows of $length bytes at $rows to $places rows at $out, the first of which is row 0 of $firsts.
  (func (export "alongColumns")
    (param $rows i32) (param $length i32)
    (param $firsts i32) (param $starts i32) (param $weights i32) (param $places i32) (param $out i32)
    (local $place i32) (local $column i32) (local $at i32) (local $tap i32) (local $stop i32)
    (local $bytes v128) (local $half v128) (local $weight v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (loop $along
      (local.set $column (i32.const 0))
      (loop $columns
        (local.set $at (i32.add (i32.add (local.get $rows) (local.get $column))
          (i32.mul (local.get $length) (i32.load (i32.add (local.get $firsts) (i32.shl (local.get $place) (i32.const 2)))))))
        (local.set $tap (i32.add (local.get $weights)
          (i32.shl (i32.load (i32.add (local.get $starts) (i32.shl (local.get $place) (i32.const 2)))) (i32.const 2))))
        (local.set $stop (i32.add (local.get $weights)
          (i32.shl (i32.load offset=4 (i32.add (local.get $starts) (i32.shl (local.get $place) (i32.const 2)))) (i32.const 2))))
        (local.set $a (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $b (local.get $a))
        (local.set $c (local.get $a))
        (local.set $d (local.get $a))
        (loop $taps
          (local.set $bytes (v128.load (local.get $at)))
          (local.set $weight (v128.load32_splat (local.get $tap)))
          (local.set $half (i16x8.extend_low_i8x16_u (local.get $bytes)))
          (local.set $a (i32x4.add (local.get $a) (i32x4.mul (local.get $weight) (i32x4.extend_low_i16x8_u (local.get $half)))))
          (local.set $b (i32x4.add (local.get $b) (i32x4.mul (local.get $weight) (i32x4.extend_high_i16x8_u (local.get $half)))))
          (local.set $half (i16x8.extend_high_i8x16_u (local.get $bytes)))
          (local.set $c (i32x4.add (local.get $c) (i32x4.mul (local.get $weight) (i32x4.extend_low_i16x8_u (local.get $half)))))
          (local.set $d (i32x4.add (local.get $d) (i32x4.mul (local.get $weight) (i32x4.extend_high_i16x8_u (local.get $half)))))
          (local.set $at (i32.add (local.get $at) (local.get $length)))
          (br_if $taps (i32.lt_u
            (local.tee $tap (i32.add (local.get $tap) (i32.const 4)))
            (local.get $stop))))
        (v128.store (i32.add (local.get $out) (local.get $column))
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s (i32x4.shr_s (local.get $a) (i32.const 22)) (i32x4.shr_s (local.get $b) (i32.const 22)))
            (i16x8.narrow_i32x4_s (i32x4.shr_s (local.get $c) (i32.const 22)) (i32x4.shr_s (local.get $d) (i32.const 22)))))
        (br_if $columns (i32.lt_u
          (local.tee $column (i32.add (local.get $column) (i32.const 16)))
          (local.get $length))))
      (local.set $out (i32.add (local.get $out) (local.get $length)))
      (br_if $along (i32.lt_u
        (local.tee $place (i32.add (local.get $place) (i32.const 1)))
        (local.get $places))))))
