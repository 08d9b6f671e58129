/* What holds at the end of every unit. T1, T2, T5 and I4 are asserted where something happens that could break them.
   */

#define isBonded(c) (claim[c].status == COMMITTED || claim[c].status == OPEN)
#define isLiving(c) (claim[c].status == OPEN || claim[c].status == SETTLED)
#define isRightAndDefended(c) (claim[c].status == OPEN && claim[c].solver == HONEST)

/* I1: every counter equals a recount. A final build counts roots no more. */
inline recount() {
  for (j : 0 .. BUILDS - 1) {
    n = 0;
    for (c : 0 .. CLAIMS - 1) {
      n = n + (claim[c].status == OPEN && buildOf(c) == j)
    }
    I1 = (n == build[j].openClaims);
    assert(I1);
    sum = 0;
    for (i : 0 .. ROOTS - 1) {
      n = 0;
      for (c : 0 .. CLAIMS - 1) {
        n = n + (isLiving(c) && buildOf(c) == j && claim[c].root == i)
      }
      sum = sum + (n > 0);
      I1 = (build[j].final || build[j].count[i] == n);
      assert(I1)
    }
    I1 = (build[j].final || build[j].openRoots == sum);
    assert(I1)
  }
  for (c : 0 .. CLAIMS - 1) {
    n = 0;
    for (k : 0 .. STAKES - 1) {
      n = n + (CLOCK(k, c) != 0)
    }
    I1 = (n == claim[c].challenges);
    assert(I1)
  }
  for (k : 0 .. STAKES - 1) {
    n = 0;
    for (c : 0 .. CLAIMS - 1) {
      n = n + (CLOCK(k, c) != 0)
    }
    I1 = (n == stake[k].open);
    assert(I1)
  }
}

/* I3: nobody can join a round longer than its shortest window is open; a final build has one root and no
   contradiction. */
inline checkRounds() {
  for (c : 0 .. CLAIMS - 1) {
#ifndef JOIN_BY_OPENER
    I3 = (claim[c].status != OPEN || B(c).join <= claim[c].window);
    assert(I3);
#endif
    I3 = (claim[c].status != SETTLED || (B(c).final && claim[c].root == B(c).finalRoot));
    assert(I3)
  }
}

/* T3. */
inline checkTime() {
#ifdef CHECK_T3
  for (c : 0 .. CLAIMS - 1) {
    T3 = (!isRightAndDefended(c) || claim[c].due > 0 || B(c).due > 0);
    assert(T3)
  }
#else
  skip
#endif
}

/* I2 and T4: what the contract holds is what it owes, and what the coalition is out of pocket is what it must have
   lost. */
inline checkMoney() {
#ifdef MONEY
  sum = owed[ADVERSARY] + owed[HONEST] + burned;
  for (j : 0 .. BUILDS - 1) {
    sum = sum + (build[j].paid == 0 -> REWARD : 0)
  }
  for (c : 0 .. CLAIMS - 1) {
    sum = sum + (isBonded(c) -> SOLVER_BOND : 0)
  }
  for (k : 0 .. STAKES - 1) {
    sum = sum + (stake[k].status == LIVE -> CHALLENGER_BOND : 0)
  }
  I2 = (balance == sum);
  assert(I2);
  sum = brought[ADVERSARY] - owed[ADVERSARY];
  for (c : 0 .. CLAIMS - 1) {
    if
    :: claim[c].solver == ADVERSARY ->
       if
       :: isBonded(c) -> sum = sum - SOLVER_BOND
       :: claim[c].status == REFUTED -> sum = sum - SHARE(SOLVER_BOND)
       :: else
       fi
    :: else
    fi
  }
  for (k : BUILDS .. STAKES - 1) {
    if
    :: stake[k].status == LIVE || (stake[k].status == LOST && stake[k].whole) -> sum = sum - CHALLENGER_BOND
    :: stake[k].status == LOST && !stake[k].whole -> sum = sum - SHARE(CHALLENGER_BOND)
    :: else
    fi
  }
  T4 = (sum >= 0);
  assert(T4);
  /* T2 in money: the honest parties are out of pocket by what is still at stake. */
  sum = brought[HONEST] - owed[HONEST];
  for (c : 0 .. CLAIMS - 1) {
    sum = sum - (claim[c].solver == HONEST && isBonded(c) -> SOLVER_BOND : 0)
  }
  for (k : 0 .. BUILDS - 1) {
    sum = sum - (stake[k].status == LIVE -> CHALLENGER_BOND : 0)
  }
  T2 = (sum <= 0);
  assert(T2)
#else
  skip
#endif
}

inline checkAll() {
  recount();
  checkRounds();
  checkTime();
  checkMoney();
  sum = 0;
  done()
}
