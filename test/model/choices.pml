/* Picking one of the claims, stakes, or pairs of both for which a move is allowed; without one, the move cannot be
   made. */

#define claim0(can) :: can(0) -> c = 0
#define claim1(can) :: can(1) -> c = 1
#if CLAIMS > 2
#define claim2(can) :: can(2) -> c = 2
#else
#define claim2(can)
#endif
#if CLAIMS > 3
#define claim3(can) :: can(3) -> c = 3
#else
#define claim3(can)
#endif
#if CLAIMS > 4
#define claim4(can) :: can(4) -> c = 4
#else
#define claim4(can)
#endif
#define chooseClaim(can) if claim0(can) claim1(can) claim2(can) claim3(can) claim4(can) fi

#define pair0(can, y) :: can(y, 0) -> k = y; c = 0
#define pair1(can, y) :: can(y, 1) -> k = y; c = 1
#if CLAIMS > 2
#define pair2(can, y) :: can(y, 2) -> k = y; c = 2
#else
#define pair2(can, y)
#endif
#if CLAIMS > 3
#define pair3(can, y) :: can(y, 3) -> k = y; c = 3
#else
#define pair3(can, y)
#endif
#if CLAIMS > 4
#define pair4(can, y) :: can(y, 4) -> k = y; c = 4
#else
#define pair4(can, y)
#endif
#define pairs(can, y) pair0(can, y) pair1(can, y) pair2(can, y) pair3(can, y) pair4(can, y)

#define stake0(can) :: can(0) -> k = 0
#if STAKES > 1
#define stake1(can) :: can(1) -> k = 1
#define pairsOf1(can) pairs(can, 1)
#else
#define stake1(can)
#define pairsOf1(can)
#endif
#if STAKES > 2
#define stake2(can) :: can(2) -> k = 2
#define pairsOf2(can) pairs(can, 2)
#else
#define stake2(can)
#define pairsOf2(can)
#endif
#if STAKES > 3
#define stake3(can) :: can(3) -> k = 3
#define pairsOf3(can) pairs(can, 3)
#else
#define stake3(can)
#define pairsOf3(can)
#endif
#define chooseStake(can) if stake0(can) stake1(can) stake2(can) stake3(can) fi
#define choosePair(can) if pairs(can, 0) pairsOf1(can) pairsOf2(can) pairsOf3(can) fi

#if BUILDS == 1
#define chooseBuild(can) if :: can(0) -> j = 0 fi
#else
#define chooseBuild(can) if :: can(0) -> j = 0 :: can(1) -> j = 1 fi
#endif
