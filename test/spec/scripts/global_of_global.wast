;; A global may begin with the value of one before it in the same module (WebAssembly 3.0).

(module
  (global $a i32 (i32.const 7))
  (global $b i32 (global.get $a))
  (global $c (mut i32) (global.get $b))
  (func (export "c") (result i32) (global.get $c)))
(assert_return (invoke "c") (i32.const 7))

(assert_invalid (module (global i32 (global.get 0))) "unknown global")
(assert_invalid (module (global i32 (global.get 1)) (global i32 (i32.const 1))) "unknown global")
(assert_invalid
  (module (global (mut i32) (i32.const 1)) (global i32 (global.get 0)))
  "constant expression required")
(assert_invalid (module (global i64 (i64.const 1)) (global i32 (global.get 0))) "type mismatch")
