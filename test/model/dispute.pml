/* One challenge, with its kinds, its two clocks and the least response time: what rounds.pml takes for granted of all
   of them. Define SOLVER_HONEST (the claim is right), CHALLENGER_HONEST (it is wrong), or neither. */

#define SOLVER_BUDGET 2
#define CHALLENGER_BUDGET 2
#define MIN_RESPONSE 1
/* Answers of the solver until the range is one step. */
#define ROUNDS 3
#define D (SOLVER_BUDGET + CHALLENGER_BUDGET + (2 * ROUNDS + 1) * MIN_RESPONSE)

/* How long a challenge can stay open; an honest side uses no time. */
#if defined(SOLVER_HONEST)
#define LONGEST (CHALLENGER_BUDGET + ROUNDS * MIN_RESPONSE - EARLIER)
#elif defined(CHALLENGER_HONEST)
#define LONGEST (SOLVER_BUDGET + (ROUNDS - 1) * MIN_RESPONSE - EARLIER)
#else
#define LONGEST (D - EARLIER)
#endif
#ifndef EARLIER
#define EARLIER 0
#endif

#define ENDED 0
#define ANSWER 1
#define SELECT 2
#define PROVE 3

byte kind = ANSWER;
byte rounds = ROUNDS;      /* answers that are left */
byte since;                /* units since the last move */
byte age;                  /* units since the challenge was opened */
byte solverLeft = SOLVER_BUDGET;
byte challengerLeft = CHALLENGER_BUDGET;
bool faulty;               /* whether the range holds a step that does not end where the solver says */

bool T2 = true;
bool T3 = true;

#define atLeast(left) (left > MIN_RESPONSE -> left : MIN_RESPONSE)
#define inTime(left) (since <= atLeast(left))
#define use(left) left = (left > since -> left - since : 0); since = 0

#ifdef NO_PROVE
#define isSolversTurn (kind == ANSWER || kind == PROVE)
#else
#define isSolversTurn (kind == ANSWER)
#endif
#define isChallengersTurn (kind != ENDED && !isSolversTurn)

inline end() {
  kind = ENDED;
  rounds = 0;
  since = 0;
  age = 0;
  solverLeft = 0;
  challengerLeft = 0;
  faulty = false
}

inline refuted() {
  printf("refuted after %d units\n", age);
#ifdef SOLVER_HONEST
  T2 = false;
  assert(T2);
#endif
  end()
}

inline lost() {
  printf("lost after %d units\n", age);
#ifdef CHALLENGER_HONEST
  T2 = false;
  assert(T2);
#endif
  /* It takes the challenger's whole budget to lose. */
  T3 = (age > CHALLENGER_BUDGET);
  assert(T3);
  end()
}

#define canAnswer (kind == ANSWER && inTime(solverLeft))
inline answer() {
  printf("the solver answers\n");
  use(solverLeft);
  rounds--;
  kind = SELECT
}

#define canSelect (kind == SELECT && inTime(challengerLeft))
inline selectChild(holdsFault) {
  printf("the challenger selects\n");
  use(challengerLeft);
  faulty = holdsFault;
  kind = (rounds > 0 -> ANSWER : PROVE)
}

#define canProve (kind == PROVE && faulty)

/* What the honest sides answer at once, and what anybody may do who sees that a deadline has passed. */
inline honestMoves() {
  do
#ifdef SOLVER_HONEST
  :: canAnswer -> answer()
#endif
#ifdef CHALLENGER_HONEST
  :: canSelect -> selectChild(true)
  :: canProve -> refuted()
#endif
  :: else -> break
  od
}

inline unitEnds() {
  honestMoves();
  if
  :: isSolversTurn && !inTime(solverLeft) -> refuted()
  :: isChallengersTurn && !inTime(challengerLeft) -> lost()
  :: else
  fi;
  T3 = (age <= LONGEST);
  assert(T3);
  if
  :: kind != ENDED -> since++; age++
  :: else
  fi
}

init {
#ifndef SOLVER_HONEST
  faulty = true;
#endif
  do
#ifndef SOLVER_HONEST
  :: atomic { canAnswer -> answer() }
  :: atomic { kind == ANSWER -> refuted() }
#endif
#ifndef CHALLENGER_HONEST
  :: atomic { canSelect -> selectChild(faulty) }
  :: atomic { canSelect && faulty -> selectChild(false) }
  :: atomic { canProve -> refuted() }
#endif
  :: d_step { kind != ENDED -> honestMoves(); skip }
  :: d_step { kind != ENDED -> unitEnds(); skip }
  :: kind == ENDED -> break
  od
}
