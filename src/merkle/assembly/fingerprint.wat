;; Fingerprints of 4 KiB pages under a secret key: two independent NH hashes (Black, Halevi, Krawczyk, Krovetz, Rogaway,
;; "UMAC: Fast and Secure Message Authentication", CRYPTO 1999, section 4), 64 bits each. With the page as 1,024 32-bit
;; words m and a key of as many words k,
;;
;;     NH = sum over word pairs (i, j) of ((m[i] + k[i]) mod 2^32) * ((m[j] + k[j]) mod 2^32)   mod 2^64
;;
;; Two different pages chosen without knowledge of the key collide with probability at most 2^-32 in one NH (theorem 4.2),
;; hence at most 2^-64 in both. Here the pairs are word n of one 16-byte vector with word n of the next.
;;
;; The pages are read where they are, in a memory of somebody else's (WebAssembly 3.0: multiple memories).
(module
  ;; Holds the key, and takes the results.
  (import "kernel" "memory" (memory $own 1))
  (import "pages" "memory" (memory $pages 1))

  ;; Fingerprints of $count pages, at least one, from byte $from of the pages' memory on: 16 bytes each at $to. $key: the
  ;; keys of both hashes, 4,096 bytes each. Addresses are compared for equality only, since the end may be 2^32.
  (func (export "fingerprint") (param $from i32) (param $count i32) (param $to i32) (param $key i32)
    (local $end i32) (local $pageEnd i32) (local $k i32)
    (local $first v128) (local $second v128)
    (local $a v128) (local $b v128) (local $x v128) (local $y v128)
    (local.set $end (i32.add (local.get $from) (i32.shl (local.get $count) (i32.const 12))))
    (loop $nextPage
      (local.set $pageEnd (i32.add (local.get $from) (i32.const 4096)))
      (local.set $k (local.get $key))
      (local.set $first (v128.const i64x2 0 0))
      (local.set $second (v128.const i64x2 0 0))
      (loop $nextVectors
        (local.set $a (v128.load $pages (local.get $from)))
        (local.set $b (v128.load $pages offset=16 (local.get $from)))
        (local.set $x (i32x4.add (local.get $a) (v128.load $own (local.get $k))))
        (local.set $y (i32x4.add (local.get $b) (v128.load $own offset=16 (local.get $k))))
        (local.set $first
          (i64x2.add
            (local.get $first)
            (i64x2.add
              (i64x2.extmul_low_i32x4_u (local.get $x) (local.get $y))
              (i64x2.extmul_high_i32x4_u (local.get $x) (local.get $y)))))
        (local.set $x (i32x4.add (local.get $a) (v128.load $own offset=4096 (local.get $k))))
        (local.set $y (i32x4.add (local.get $b) (v128.load $own offset=4112 (local.get $k))))
        (local.set $second
          (i64x2.add
            (local.get $second)
            (i64x2.add
              (i64x2.extmul_low_i32x4_u (local.get $x) (local.get $y))
              (i64x2.extmul_high_i32x4_u (local.get $x) (local.get $y)))))
        (local.set $k (i32.add (local.get $k) (i32.const 32)))
        (local.set $from (i32.add (local.get $from) (i32.const 32)))
        (br_if $nextVectors (i32.ne (local.get $from) (local.get $pageEnd))))
      (i64.store $own
        (local.get $to)
        (i64.add (i64x2.extract_lane 0 (local.get $first)) (i64x2.extract_lane 1 (local.get $first))))
      (i64.store $own offset=8
        (local.get $to)
        (i64.add (i64x2.extract_lane 0 (local.get $second)) (i64x2.extract_lane 1 (local.get $second))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (br_if $nextPage (i32.ne (local.get $from) (local.get $end))))))
