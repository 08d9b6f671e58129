/**
 * What can go wrong with a store. `missing`, `corrupt` and `too-large` are facts about content; the codes that end in
 * `-fault` are about the place that keeps it, or the way to it; `cancelled` means that the caller's signal came first.
 */
export type StoreErrorCode =
  | "store/bad-id"
  | "store/missing"
  | "store/corrupt"
  | "store/too-large"
  | "store/cancelled"
  | "store/bad-target"
  | "store/bad-description"
  | "store/read-only"
  | "store/full-fault"
  | "store/io-fault"
  | "store/unreachable-fault"
  | "store/port-fault";
