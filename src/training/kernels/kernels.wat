;; Sweeps over arrays, four float32 at a time. Each array has a page of 64 KiB; `bytes` of it are in use.
;; `node scripts/kernels.mjs` translates this file into binary.ts.
(module
  (memory (export "memory") 4)

  ;; Page 0: weights, 1: gradient, 2: first moment, 3: second moment.
  (func (export "adamw")
    (param $bytes i32)
    (param $beta1 f32) (param $rest1 f32) (param $beta2 f32) (param $rest2 f32)
    (param $decay f32) (param $stepSize f32) (param $rootScale f32) (param $epsilon f32)
    (param $gradientScale f32)
    (local $at i32) (local $w v128) (local $g v128) (local $m v128) (local $v v128)
    (loop $sweep
      (local.set $g (f32x4.mul
        (v128.load offset=65536 (local.get $at))
        (f32x4.splat (local.get $gradientScale))))
      (local.set $m (f32x4.add
        (f32x4.mul (v128.load offset=131072 (local.get $at)) (f32x4.splat (local.get $beta1)))
        (f32x4.mul (local.get $g) (f32x4.splat (local.get $rest1)))))
      (local.set $v (f32x4.add
        (f32x4.mul (v128.load offset=196608 (local.get $at)) (f32x4.splat (local.get $beta2)))
        (f32x4.mul
          (f32x4.mul (local.get $g) (local.get $g))
          (f32x4.splat (local.get $rest2)))))
      (v128.store offset=131072 (local.get $at) (local.get $m))
      (v128.store offset=196608 (local.get $at) (local.get $v))
      ;; The weight, which is much larger than its change, is rounded once.
      (local.set $w (v128.load (local.get $at)))
      (v128.store (local.get $at) (f32x4.sub
        (local.get $w)
        (f32x4.add
          (f32x4.mul (local.get $w) (f32x4.splat (local.get $decay)))
          (f32x4.div
            (f32x4.mul (local.get $m) (f32x4.splat (local.get $stepSize)))
            (f32x4.add
              (f32x4.mul (f32x4.sqrt (local.get $v)) (f32x4.splat (local.get $rootScale)))
              (f32x4.splat (local.get $epsilon)))))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $sweep (i32.lt_u (local.get $at) (local.get $bytes)))))

  ;; Page 0: average, 1: weights.
  (func (export "average") (param $bytes i32) (param $rest f32)
    (local $at i32) (local $a v128)
    (loop $sweep
      (local.set $a (v128.load (local.get $at)))
      (v128.store (local.get $at) (f32x4.add
        (local.get $a)
        (f32x4.mul
          (f32x4.sub (v128.load offset=65536 (local.get $at)) (local.get $a))
          (f32x4.splat (local.get $rest)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $sweep (i32.lt_u (local.get $at) (local.get $bytes)))))

  ;; Page 0. The sum of squares, in double precision.
  (func (export "squares") (param $bytes i32) (result f64)
    (local $at i32) (local $x v128) (local $low v128) (local $high v128)
    (local $sumLow v128) (local $sumHigh v128)
    (loop $sweep
      (local.set $x (v128.load (local.get $at)))
      (local.set $low (f64x2.promote_low_f32x4 (local.get $x)))
      (local.set $high (f64x2.promote_low_f32x4
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $x) (local.get $x))))
      (local.set $sumLow (f64x2.add
        (local.get $sumLow) (f64x2.mul (local.get $low) (local.get $low))))
      (local.set $sumHigh (f64x2.add
        (local.get $sumHigh) (f64x2.mul (local.get $high) (local.get $high))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $sweep (i32.lt_u (local.get $at) (local.get $bytes))))
    (local.set $x (f64x2.add (local.get $sumLow) (local.get $sumHigh)))
    (f64.add (f64x2.extract_lane 0 (local.get $x)) (f64x2.extract_lane 1 (local.get $x)))))
