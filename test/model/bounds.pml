/* Bounds of a run and parameters of the deployment, in units of time and money. -D changes any of them. */

#ifndef BUILDS
#define BUILDS 1
#endif
/* Commitments of all solvers together, the honest one's included. */
#ifndef CLAIMS
#define CLAIMS 3
#endif
/* Challenger bonds that the adversary owns. */
#ifndef ATTACKS
#define ATTACKS 1
#endif
/* The verifier's stakes come first: stake b is its stake on build b. */
#define STAKES (BUILDS + ATTACKS)

#ifndef BASE_WINDOW
#define BASE_WINDOW 3
#endif
/* J. */
#ifndef JOIN_WINDOW
#define JOIN_WINDOW BASE_WINDOW
#endif
#ifndef LONG_WINDOW
#define LONG_WINDOW 5
#endif
/* The honest solver's claim. */
#ifndef HONEST_WINDOW
#define HONEST_WINDOW BASE_WINDOW
#endif
#ifndef REACTION
#define REACTION 1
#endif
#define SOLVER_BUDGET 2
#define CHALLENGER_BUDGET 2
#define MIN_COMMIT_AGE 1
#define MAX_COMMIT_AGE 2

/* Units that the verifier needs at most, after a reveal, until it knows that the claim is wrong. */
#ifndef COMPUTING
#define COMPUTING 0
#endif

/* b = 1/2 of either bond burns. */
#define SOLVER_BOND 6
#define CHALLENGER_BOND 2
#define SHARE(bond) ((bond) / 2)
#define REWARD 5

/* Two dishonest parties can keep a challenge open for both budgets; the last turn is over one unit later. */
#define SOLVER_TURNS (SOLVER_BUDGET + 1)
#define CHALLENGER_TURNS (CHALLENGER_BUDGET + 1)
#define STAGED_TURNS (SOLVER_BUDGET + CHALLENGER_BUDGET + 1)

/* T3 as sharp as whole units allow: joined in the last unit, seen COMPUTING later, refuted by time-out, and the claim
   in question challenged in the last unit of the reaction. STATED: the bound as it is written, D = both budgets and
   one unit. */
#ifdef STATED
#define OWN_BOUND STAGED_TURNS
#define ROUND_BOUND (JOIN_WINDOW + COMPUTING + 1 + 2 * STAGED_TURNS + REACTION)
#else
#define OWN_BOUND (CHALLENGER_TURNS - 1 - EARLIER)
#define ROUND_BOUND (JOIN_WINDOW - 1 + COMPUTING + SOLVER_TURNS + REACTION - 1 + CHALLENGER_TURNS - EARLIER)
#endif
#ifndef EARLIER
#define EARLIER 0
#endif
