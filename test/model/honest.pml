/* The honest parties: what they do in every unit of time, after the adversary. They answer in every challenge at
   once, so that neither side's clock is theirs to lose: it is always their opponent's turn. */

/* Turns of the dishonest side (of both, when the adversary plays against itself). */
#define turnsIn(k, c) \
  (isVerifiers(k) -> SOLVER_TURNS : (claim[c].solver == HONEST -> CHALLENGER_TURNS : STAGED_TURNS))
#define isOver(k, c) (CLOCK(k, c) > turnsIn(k, c))

/* The verifier's rule: every wrong claim, whatever others do. The mutants trust others. */
#if defined(TRUST_CLAIMS)
/* A right claim lives, and holds up all others: looked at while the claim's own window is open, and not again. */
#ifdef ATTENTIVE
#define leavesToOthers(c) (B(c).count[RIGHT] > 0)
#else
#define leavesToOthers(c) (B(c).count[RIGHT] > 0 || claim[c].window == 0)
#endif
#elif defined(TRUST_CHALLENGES)
/* Somebody else's challenge against the claim is under way. */
#define leavesToOthers(c) (claim[c].challenges > 0)
#else
#define leavesToOthers(c) false
#endif

#define isToChallenge(c) (claim[c].status == OPEN && claim[c].root != RIGHT && claim[c].computing == 0 \
  && canChallenge(buildOf(c), c) && !leavesToOthers(c))

inline verifierChallenges(id) {
  if
  :: stake[buildOf(id)].status == LIVE -> challenge(buildOf(id), id)
  :: stake[buildOf(id)].status == NONE && RESERVE(buildOf(id)) > 0 ->
     RESERVE(buildOf(id))--;
     challenge(buildOf(id), id)
  :: else
  fi
}

/* It has the choice when: the adversary decides. */
#define canTakeBack(k) (isVerifiers(k) && canReturnStake(k))
inline verifierTakesBack(where) {
  returnStake(where);
  RESERVE(where)++
}

/* The honest solver commits only with more than the least commit age and a margin left; with HASTY, whenever it is
   asked. */
#ifdef COMMITS
#ifdef HASTY
#define canAsk(c) (c == used && awaited)
#else
#define canAsk(c) (c == used && awaited && !B(c).final && (B(c).openRoots == 0 || B(c).join > MIN_COMMIT_AGE + 1))
#endif
inline honestSolverStarts(id) {
  awaited = false;
  commit(id, HONEST)
}
#else
#define canAsk(c) (awaited && claim[c].solver == HONEST && canReveal(c))
inline honestSolverStarts(id) {
  awaited = false;
  reveal(id, RIGHT, HONEST_WINDOW)
}
#endif

inline timeOut(key, id) {
  if
  :: claim[id].status == OPEN && CLOCK(key, id) != 0 && isOver(key, id) ->
     if
     :: isVerifiers(key) -> refute(key, id)
     :: else -> lose(key, id)
     fi
  :: else
  fi
}

inline closeIfRefuted(key, id) {
  if
  :: canClose(key, id) -> close(key, id)
  :: else
  fi
}

inline honestUnit() {
  for (c : 0 .. CLAIMS - 1) {
    for (k : 0 .. STAKES - 1) {
      timeOut(k, c)
    }
    for (k : 0 .. STAKES - 1) {
      closeIfRefuted(k, c)
    }
#ifdef COMMITS
    if
    :: claim[c].solver == HONEST && canReveal(c) -> reveal(c, RIGHT, HONEST_WINDOW)
    :: claim[c].solver == HONEST && canReturnCommit(c) -> returnCommit(c)
    :: canExpire(c) -> expire(c)
    :: else
    fi
#endif
  }
#ifdef STAKE_PER_ROOT
  for (k : 0 .. BUILDS - 1) {
    if
    :: canReturnStake(k) -> verifierTakesBack(k)
    :: else
    fi
  }
#endif
  for (c : 0 .. CLAIMS - 1) {
    if
    :: isToChallenge(c) -> verifierChallenges(c)
    :: else
    fi;
    if
    :: claim[c].root == RIGHT && canFinalize(c) -> finalize(c, RIGHT)
    :: else
    fi
  }
#ifdef WITHDRAWS
  for (k : 0 .. BUILDS - 1) {
    reserve[k] = reserve[k] + credit[k];
    credit[k] = 0
  }
#endif
  withdraw(HONEST);
  c = 0;
  k = 0
}
