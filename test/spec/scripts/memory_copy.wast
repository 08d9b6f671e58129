;; memory.copy: direction, chunks across 128-byte leaves, bounds.

(module
  (memory 1 1)
  (data (i32.const 0) "abcdefghijklmnopqrstuvwxyz")
  (func (export "copy") (param i32 i32 i32)
    (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "fill") (param i32 i32 i32)
    (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  ;; Bytes i mod 251 in [from, from + n).
  (func (export "count") (param $from i32) (param $n i32) (local $i i32)
    (loop $next
      (if (i32.lt_u (local.get $i) (local.get $n))
        (then
          (i32.store8 (i32.add (local.get $from) (local.get $i)) (i32.rem_u (local.get $i) (i32.const 251)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next)))))
  ;; Whether byte i of [from, from + n) is (i + first) mod 251.
  (func (export "counts") (param $from i32) (param $n i32) (param $first i32) (result i32) (local $i i32)
    (loop $next
      (if (i32.lt_u (local.get $i) (local.get $n))
        (then
          (if (i32.ne
                (i32.load8_u (i32.add (local.get $from) (local.get $i)))
                (i32.rem_u (i32.add (local.get $i) (local.get $first)) (i32.const 251)))
            (then (return (i32.const 0))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next))))
    (i32.const 1))
  (func (export "load") (param i32) (result i64) (i64.load (local.get 0))))

;; Apart.
(invoke "copy" (i32.const 1000) (i32.const 0) (i32.const 8))
(assert_return (invoke "load" (i32.const 1000)) (i64.const 0x6867666564636261))
(assert_return (invoke "load" (i32.const 0)) (i64.const 0x6867666564636261))

;; Onto itself, by one byte in both directions.
(invoke "copy" (i32.const 1) (i32.const 0) (i32.const 7))
(assert_return (invoke "load" (i32.const 0)) (i64.const 0x6766656463626161))
(invoke "copy" (i32.const 0) (i32.const 1) (i32.const 7))
(assert_return (invoke "load" (i32.const 0)) (i64.const 0x6767666564636261))

;; Over many leaves, both ways, with every relation of the two alignments to the leaves.
(invoke "count" (i32.const 4096) (i32.const 1000))
(invoke "copy" (i32.const 4099) (i32.const 4096) (i32.const 1000))
(assert_return (invoke "counts" (i32.const 4099) (i32.const 1000) (i32.const 0)) (i32.const 1))
(invoke "copy" (i32.const 4001) (i32.const 4099) (i32.const 1000))
(assert_return (invoke "counts" (i32.const 4001) (i32.const 1000) (i32.const 0)) (i32.const 1))
(invoke "copy" (i32.const 4128) (i32.const 4001) (i32.const 1000))
(assert_return (invoke "counts" (i32.const 4128) (i32.const 1000) (i32.const 0)) (i32.const 1))
(invoke "copy" (i32.const 4000) (i32.const 4128) (i32.const 1000))
(assert_return (invoke "counts" (i32.const 4000) (i32.const 1000) (i32.const 0)) (i32.const 1))
(invoke "copy" (i32.const 4000) (i32.const 4000) (i32.const 1000))
(assert_return (invoke "counts" (i32.const 4000) (i32.const 1000) (i32.const 0)) (i32.const 1))

;; The last byte, and nothing at the end.
(invoke "copy" (i32.const 65535) (i32.const 3) (i32.const 1))
(invoke "copy" (i32.const 65536) (i32.const 65536) (i32.const 0))
(assert_return (invoke "load" (i32.const 65528)) (i64.const 0x6400000000000000))

;; A copy that does not fit writes nothing at all.
(assert_trap (invoke "copy" (i32.const 65530) (i32.const 0) (i32.const 7)) "out of bounds memory access")
(assert_return (invoke "load" (i32.const 65528)) (i64.const 0x6400000000000000))
(assert_trap (invoke "copy" (i32.const 0) (i32.const 65530) (i32.const 7)) "out of bounds memory access")
(assert_trap (invoke "copy" (i32.const 65537) (i32.const 0) (i32.const 0)) "out of bounds memory access")
(assert_trap (invoke "copy" (i32.const 0) (i32.const 65537) (i32.const 0)) "out of bounds memory access")
(assert_trap (invoke "copy" (i32.const -1) (i32.const -1) (i32.const -1)) "out of bounds memory access")
(assert_trap (invoke "fill" (i32.const 65530) (i32.const 1) (i32.const 7)) "out of bounds memory access")
(assert_return (invoke "load" (i32.const 65528)) (i64.const 0x6400000000000000))
