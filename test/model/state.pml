/* What the contract stores, and what its parties keep. All times are relative: units that are left, or that have
   passed. */

/* Final roots. */
#define RIGHT 0
#define WRONG1 1
#define WRONG2 2
#define ROOTS 3

/* Of claims. */
#define UNUSED 0
#define COMMITTED 1
#define OPEN 2
#define REFUTED 3
#define SETTLED 4
#define RETURNED 5

/* Of stakes. */
#define NONE 0
#define LIVE 1
#define LOST 2

#define ADVERSARY 0
#define HONEST 1

/* Claims are numbered in the order of their commitments, so that a lower number is more senior. With two builds the
   even ones are for the first build. */
#define buildOf(c) ((c) % BUILDS)
typedef Claim {
  unsigned status : 3;
  unsigned solver : 1;
  unsigned root : 2;
  unsigned age : 2;        /* of the commitment, up to one more than it may have */
  unsigned unjoinable : 1; /* the round's join deadline is not after the commitment's earliest reveal */
  unsigned window : 5;     /* units left to challenge it */
  unsigned computing : 2;  /* units until the verifier knows its root */
  unsigned challenges : 3; /* openChallenges */
#ifdef CHECK_T3
  unsigned due : 6;        /* units until its own window's end + D */
#endif
};

typedef Stake {
  unsigned status : 2;
  unsigned open : 3;
  unsigned several : 1;
  unsigned whole : 1;      /* T4: what the coalition has to lose with it is all of C */
#ifdef STAKE_PER_ROOT
  unsigned root : 2;
#endif
};

typedef Build {
  unsigned openRoots : 2;
  unsigned openClaims : 3;
  unsigned join : 5;       /* units left to join the round */
  unsigned calm : 2;       /* units left of the reaction to a contradiction's end */
  unsigned final : 1;
  unsigned finalRoot : 2;
  unsigned finalArtifact : 2; /* the root whose artifact readers are given */
  unsigned senior : 3;     /* the most senior settled claim, CLAIMS: none */
  unsigned paid : 4;       /* who got the reward early: 1 + claim */
#ifdef CHECK_T3
  unsigned due : 6;        /* units until opening + J + longest build + 2 D + reaction */
#endif
  byte count[ROOTS];       /* living claims by root */
};

Claim claim[CLAIMS];
Stake stake[STAKES];
Build build[BUILDS];
#ifdef COMMITS
byte used;                 /* commitments made */
#endif
bool awaited;              /* whether the honest solver has still to be asked for the first build */
byte reserve[BUILDS];      /* bonds that the verifier has in hand for the build */
byte credit[BUILDS];       /* bonds of the verifier in what the contract owes it */

/* Challenges: 0 not open, else 1 + the units since it was opened. */
byte clock[STAKES * CLAIMS];
#define CLOCK(k, c) clock[(k) * CLAIMS + (c)]

#ifdef MONEY
short balance;
short owed[2];
short burned;
short brought[2];          /* what either side has paid in, less what it was paid out, rewards apart */
#endif

/* The theorems and invariants: an assertion that fails names one of them. */
bool T1 = true;
bool T2 = true;
bool T3 = true;
bool T4 = true;
bool T5 = true;
bool I1 = true;
bool I2 = true;
bool I3 = true;
bool I4 = true;

/* Scratch, 0 between moves: the move's claim and stake, loops, sums. */
byte c;
byte k;
byte i;
byte j;
byte n;
short sum;

#define B(c) build[buildOf(c)]
#define stakeBuild(k) ((k) % BUILDS)
#define isVerifiers(k) ((k) < BUILDS)
#define ownerOf(k) (isVerifiers(k) -> HONEST : ADVERSARY)
#define isMine(c) (claim[c].solver == ADVERSARY)
#define contradicted(b) (build[b].openRoots > 1)
#ifdef ONE_BOND
#define RESERVE(b) reserve[0]
#else
#define RESERVE(b) reserve[b]
#endif

inline done() {
  c = 0;
  k = 0;
  j = 0;
  n = 0
}
