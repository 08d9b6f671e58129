/**
 * The codes of every folder whose errors a caller of the library may meet. A declaration file that nothing refers to would not
 * be read, and `ErrorDetails` would lack what it declares.
 */
export type {} from "../chain/errors.ts";
export type {} from "../client/errors.ts";
export type {} from "../deployment/errors.ts";
export type {} from "../emulator/errors.ts";
export type {} from "../environment/errors.ts";
export type {} from "../guest/errors.ts";
export type {} from "../machine/errors.ts";
export type {} from "../machine/native/errors.ts";
export type {} from "../merkle/errors.ts";
export type {} from "../programs/errors.ts";
export type {} from "../protocol/errors.ts";
export type {} from "../radicle/errors.ts";
export type {} from "../source/errors.ts";
export type {} from "../store/errors.ts";
export type {} from "../wasm/errors.ts";
