/* The contract's entry points. Each can...() is what it requires, the inline of the same name what it does. */

#ifdef COMMITS
inline commit(id, by) {
  printf("claim %d is committed by side %d\n", id, by);
  claim[id].status = COMMITTED;
  claim[id].solver = by;
  claim[id].unjoinable = (B(id).openRoots != 0 && B(id).join <= MIN_COMMIT_AGE);
  used++;
  take(by, SOLVER_BOND)
}
#define isOfAge(c) (claim[c].status == COMMITTED && claim[c].age >= MIN_COMMIT_AGE && claim[c].age <= MAX_COMMIT_AGE)
#else
/* A party that reveals has committed in time: the adversary always has. */
#define isOfAge(c) (claim[c].status == UNUSED)
#endif

#define canReveal(c) (isOfAge(c) && !B(c).final && (B(c).openRoots == 0 || B(c).join > 0))

inline reveal(id, itsRoot, itsWindow) {
  printf("claim %d is revealed by side %d: root %d, window %d\n", id, claim[id].solver, itsRoot, itsWindow);
  if
  :: B(id).openRoots == 0 -> openRound(buildOf(id), itsWindow)
  :: else
  fi;
  claim[id].status = OPEN;
  claim[id].root = itsRoot;
  claim[id].window = itsWindow;
  claim[id].age = 0;
  claim[id].unjoinable = 0;
#ifdef CHECK_T3
  claim[id].due = (claim[id].solver == HONEST -> itsWindow + OWN_BOUND : 0);
#endif
  B(id).openClaims++;
  B(id).count[itsRoot]++;
  if
  :: B(id).count[itsRoot] == 1 -> B(id).openRoots++
  :: else
  fi
}

/* Any commitment that exists can be revealed in the new round: J is more than the least commit age. */
inline openRound(where, itsWindow) {
#ifdef JOIN_BY_OPENER
  build[where].join = itsWindow;
#else
  build[where].join = JOIN_WINDOW;
#endif
  build[where].calm = 0;
#ifdef CHECK_T3
  build[where].due = ROUND_BOUND;
#endif
  for (i : 0 .. CLAIMS - 1) {
    if
    :: claim[i].status == COMMITTED && buildOf(i) == where -> claim[i].unjoinable = 0
    :: else
    fi
  }
  i = 0
}

#define canReturnCommit(c) (claim[c].status == COMMITTED && claim[c].unjoinable && (B(c).openRoots != 0 || B(c).final))

inline returnCommit(id) {
  printf("commitment %d returns in full\n", id);
  claim[id].status = RETURNED;
  claim[id].age = 0;
  claim[id].unjoinable = 0;
  pay(claim[id].solver, SOLVER_BOND)
}

#define canExpire(c) (claim[c].status == COMMITTED && claim[c].age > MAX_COMMIT_AGE)

inline expire(id) {
  printf("commitment %d expires\n", id);
  T2 = (claim[id].solver != HONEST);
  assert(T2);
  claim[id].status = RETURNED;
  claim[id].age = 0;
  claim[id].unjoinable = 0;
  pay(claim[id].solver, SOLVER_BOND - SHARE(SOLVER_BOND));
  burn(SHARE(SOLVER_BOND))
}

#define challengeable(c) (claim[c].status == OPEN \
  && (claim[c].window > 0 || contradicted(buildOf(c)) || B(c).calm > 0))

#ifdef STAKE_PER_ROOT
#define covers(k, c) (stakeBuild(k) == buildOf(c) && (stake[k].status == NONE || stake[k].root == claim[c].root))
#else
#define covers(k, c) (stakeBuild(k) == buildOf(c))
#endif
#define canChallenge(k, c) (challengeable(c) && CLOCK(k, c) == 0 && covers(k, c) && stake[k].status != LOST)

inline challenge(key, id) {
  printf("stake %d challenges claim %d\n", key, id);
  if
  :: stake[key].status == NONE ->
     stake[key].status = LIVE;
#ifdef STAKE_PER_ROOT
     stake[key].root = claim[id].root;
#endif
     take(ownerOf(key), CHALLENGER_BOND)
  :: else -> stake[key].several = 1
  fi;
  stake[key].open++;
  claim[id].challenges++;
  CLOCK(key, id) = 1
}

inline endChallenge(key, id) {
  CLOCK(key, id) = 0;
#ifndef UNCOUNTED_END
  stake[key].open--;
#endif
  claim[id].challenges--
}

/* The claim falls in challenge (k, c): by a fault, a time-out or a concession. Its other challenges wait to be
   closed. */
inline refute(key, id) {
  printf("claim %d is refuted in the challenge of stake %d\n", id, key);
  T2 = (claim[id].solver != HONEST);
  assert(T2);
  claim[id].status = REFUTED;
  claim[id].window = 0;
  claim[id].computing = 0;
  B(id).openClaims--;
  if
  :: !B(id).final ->
     B(id).count[claim[id].root]--;
     if
     :: B(id).count[claim[id].root] == 0 ->
        B(id).openRoots--;
        if
        :: B(id).openRoots == 1 -> B(id).calm = REACTION
        :: else
        fi
     :: else
     fi
  :: else
  fi;
  claim[id].root = 0;
#ifdef NOTHING_BURNS
  pay(ownerOf(key), SOLVER_BOND);
#else
  pay(ownerOf(key), SOLVER_BOND - SHARE(SOLVER_BOND));
  burn(SHARE(SOLVER_BOND));
#endif
#ifdef SOLVER_KEEPS_BOND
  pay(claim[id].solver, SOLVER_BOND);
#endif
  endChallenge(key, id);
  returnUnasked(key)
}

#define canClose(k, c) (CLOCK(k, c) != 0 && claim[c].status == REFUTED)

inline close(key, id) {
  printf("stake %d closes its challenge to claim %d\n", key, id);
  endChallenge(key, id);
  returnUnasked(key)
}

/* The challenger's time is over in challenge (k, c). */
inline lose(key, id) {
  printf("stake %d loses its challenge to claim %d\n", key, id);
  T2 = !isVerifiers(key);
  assert(T2);
#ifdef MONEY
  sum = owed[ADVERSARY] + owed[HONEST] + burned;
#endif
  if
#ifdef DEAD_STAKE_PAYS
  :: stake[key].status == LIVE || stake[key].status == LOST ->
#else
  :: stake[key].status == LIVE ->
#endif
     n = (stake[key].status == LIVE);
     stake[key].status = LOST;
     stake[key].whole = (stake[key].several || claim[id].solver == HONEST);
#ifdef SEVERAL_IGNORED
     pay(claim[id].solver, CHALLENGER_BOND - SHARE(CHALLENGER_BOND));
     burn(SHARE(CHALLENGER_BOND))
#else
     if
     :: stake[key].several -> burn(CHALLENGER_BOND)
     :: else ->
        pay(claim[id].solver, CHALLENGER_BOND - SHARE(CHALLENGER_BOND));
        burn(SHARE(CHALLENGER_BOND))
     fi
#endif
  :: else
  fi;
#ifdef MONEY
  I4 = (n || sum == owed[ADVERSARY] + owed[HONEST] + burned);
  assert(I4);
  sum = 0;
#endif
  n = 0;
  endChallenge(key, id)
}

#define canReturnStake(k) (stake[k].status == LIVE && stake[k].open == 0)

/* The next stake on the build has a new number: the same variable serves again. */
inline returnStake(key) {
  printf("stake %d is returned\n", key);
  stake[key].status = NONE;
  stake[key].several = 0;
#ifdef STAKE_PER_ROOT
  stake[key].root = 0;
#endif
  pay(ownerOf(key), CHALLENGER_BOND)
}

/* Mutant: a stake returns when its last challenge ends, into what the contract owes. */
inline returnUnasked(key) {
#ifdef AUTOMATIC_RETURN
  if
  :: canReturnStake(key) ->
     if
     :: isVerifiers(key) -> credit[stakeBuild(key)]++
     :: else
     fi;
     returnStake(key)
  :: else
  fi
#else
  skip
#endif
}

#ifdef JOIN_BY_OPENER
#define joinIsOver(c) (B(c).join == 0)
#else
#define joinIsOver(c) true
#endif
#define canFinalize(c) (claim[c].status == OPEN && claim[c].window == 0 && claim[c].challenges == 0 \
  && (B(c).final || (B(c).openRoots == 1 && B(c).calm == 0 && joinIsOver(c))))

/* artifact: the root to which the result belongs that is written down. */
inline finalize(id, artifact) {
  printf("claim %d is finalized: root %d, artifact of root %d\n", id, claim[id].root, artifact);
  if
  :: !B(id).final ->
     B(id).final = 1;
     B(id).finalRoot = claim[id].root;
     B(id).finalArtifact = artifact
  :: else
  fi;
  T1 = (B(id).finalRoot == RIGHT && B(id).finalArtifact == RIGHT);
  assert(T1);
  I3 = (claim[id].root == B(id).finalRoot);
  assert(I3);
  claim[id].status = SETTLED;
  B(id).openClaims--;
  if
  :: id < B(id).senior -> B(id).senior = id
  :: else
  fi;
  T5 = (B(id).paid == 0 || B(id).paid == 1 + B(id).senior);
  assert(T5);
  pay(claim[id].solver, SOLVER_BOND)
}

#ifdef EARLY_REWARD
#define canPayReward(b) (build[b].final && build[b].paid == 0)
#else
#define canPayReward(b) (build[b].final && build[b].openClaims == 0 && build[b].paid == 0)
#endif

inline payReward(where) {
  printf("the reward goes to claim %d\n", build[where].senior);
  build[where].paid = 1 + build[where].senior;
#ifdef MONEY
  balance = balance - REWARD
#endif
}
