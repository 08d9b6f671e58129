/* The adversary's moves: everything that the rules allow to a coalition of solvers, challengers and bystanders, in
   any order and number, before the honest parties act. Also what nobody controls: when the honest solver is asked for
   the build, and when the verifier takes back a stake that is not in use. */

#ifdef COMMITS
inline adversaryCommits() {
  atomic {
    used < CLAIMS - awaited -> d_step { commit(used, ADVERSARY); done() }
  }
}

#define canGetBack(c) (isMine(c) && canReturnCommit(c))
inline adversaryReturnsCommit() {
  atomic {
    chooseClaim(canGetBack);
    d_step { returnCommit(c); done() }
  }
}
#endif

/* A root that contradicts all living ones has no name of its own: the first wrong one is WRONG1. How long the
   verifier needs to see that a claim is wrong, the adversary decides too. */
#define canSay(c) (isMine(c) && canReveal(c) && isFirstFree(c))
inline adversaryReveals() {
  atomic {
    chooseClaim(canSay);
    if
    :: n = RIGHT
    :: n = WRONG1
    :: B(c).count[WRONG1] + B(c).count[WRONG2] > 0 -> n = WRONG2
    fi;
    if
    :: j = BASE_WINDOW
    :: j = LONG_WINDOW
    fi;
    select (k : 0 .. COMPUTING);
    d_step {
      reveal(c, n, j);
      claim[c].computing = (n == RIGHT -> 0 : k);
      done()
    }
  }
}

/* Challenges claims of the honest solver and its own; of stakes that are not in use, the first. */
#ifdef ATTACK_RIGHT
#define isTarget(c) (claim[c].root == RIGHT)
#else
#define isTarget(c) true
#endif
#define canAttack(k, c) (!isVerifiers(k) && isTarget(c) && canChallenge(k, c) \
  && (k < 2 * BUILDS || stake[k - BUILDS].status != NONE))
inline adversaryChallenges() {
  atomic {
    choosePair(canAttack);
    d_step { challenge(k, c); done() }
  }
}

/* Gives one of its claims up, in the verifier's challenge or in its own: a concession, or a fault that is proved. */
#define canConcede(k, c) (isMine(c) && claim[c].status == OPEN && CLOCK(k, c) != 0)
inline adversaryConcedes() {
  atomic {
    choosePair(canConcede);
    d_step { refute(k, c); done() }
  }
}

/* Loses a challenge on purpose: as soon as the challenger's budget can have run out. */
#define canLose(k, c) (!isVerifiers(k) && claim[c].status == OPEN && CLOCK(k, c) > CHALLENGER_TURNS)
inline adversaryLoses() {
  atomic {
    choosePair(canLose);
    d_step { lose(k, c); done() }
  }
}

#ifdef NO_PROVE
/* Mutant: a cursor of one step has no row, so that it is the solver's turn, who has no move. */
#define canTimeOut(k, c) (!isVerifiers(k) && claim[c].status == OPEN && CLOCK(k, c) > SOLVER_TURNS)
inline adversaryWalksToOneStep() {
  atomic {
    choosePair(canTimeOut);
    d_step { refute(k, c); done() }
  }
}
#endif

/* Closes what stands against refuted claims, so that the stake is free. */
#define canFree(k) (!isVerifiers(k) && stake[k].status == LIVE)
inline adversaryReturnsStake() {
  atomic {
    chooseStake(canFree);
    d_step {
      for (c : 0 .. CLAIMS - 1) {
        closeIfRefuted(k, c)
      }
      if
      :: canReturnStake(k) -> returnStake(k)
      :: else
      fi;
      done()
    }
  }
}

/* Mutant RESULT_OUTSIDE: the one who finalizes says which artifact the result has. */
inline adversaryFinalizes() {
  atomic {
    chooseClaim(canFinalize);
    if
    :: n = claim[c].root
#ifdef RESULT_OUTSIDE
    :: n = WRONG1
#endif
    fi;
    d_step { finalize(c, n); done() }
  }
}

inline rewardIsPaid() {
  atomic {
    chooseBuild(canPayReward);
    d_step { payReward(j); done() }
  }
}

/* For the first build. */
inline honestSolverIsAsked() {
  atomic {
    chooseClaim(canAsk);
    d_step { honestSolverStarts(c); done() }
  }
}

inline verifierIsIdle() {
  atomic {
    chooseStake(canTakeBack);
    d_step { verifierTakesBack(k); done() }
  }
}
