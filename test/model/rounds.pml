/* Rounds of claims, stakes and clocks, with an adversary that moves first in every unit of time. README.md says what is
   left out, and why that may be. */

#include "bounds.pml"
#include "state.pml"
#include "choices.pml"
#include "money.pml"
#include "rules.pml"
#include "honest.pml"
#include "time.pml"
#include "adversary.pml"
#include "theorems.pml"

/* Of a final build nothing can be broken any more but money, rewards and time. */
#if defined(MONEY) || defined(REWARDS) || defined(CHECK_T3)
#define nothingCanChange() false
#elif BUILDS == 1
#define nothingCanChange() (build[0].final)
#else
#define nothingCanChange() (build[0].final && build[1].final)
#endif

inline start() {
  for (j : 0 .. BUILDS - 1) {
    build[j].senior = CLAIMS;
#ifdef ONE_BOND
    reserve[0] = 1;
#else
    reserve[j] = 1;
#endif
#ifdef MONEY
    balance = balance + REWARD
#endif
  }
  done()
}

#ifdef LAST_WORD
bool acted;                /* whether the honest parties have acted in this unit: the adversary goes on after them */
#endif

init {
#ifdef HONEST_SOLVER
  awaited = true;
#ifndef COMMITS
#ifdef REWARDS
  select (c : 0 .. CLAIMS - 1);
#else
  c = CLAIMS - 1;
#endif
  claim[c].solver = HONEST;
#endif
#endif
  d_step { start() }
  do
  :: adversaryReveals()
  :: adversaryConcedes()
  :: adversaryFinalizes()
  :: verifierIsIdle()
#if ATTACKS > 0
  :: adversaryChallenges()
  :: adversaryLoses()
  :: adversaryReturnsStake()
#endif
#ifdef NO_PROVE
  :: adversaryWalksToOneStep()
#endif
#ifdef COMMITS
  :: adversaryCommits()
  :: adversaryReturnsCommit()
#endif
#ifdef REWARDS
  :: rewardIsPaid()
#endif
#ifdef HONEST_SOLVER
  :: honestSolverIsAsked()
#endif
#ifdef LAST_WORD
  :: d_step { !acted -> acted = true; honestUnit() }
#endif
  :: atomic {
       d_step {
#ifdef LAST_WORD
         acted -> acted = false;
#else
         honestUnit();
#endif
         checkAll();
         withdraw(ADVERSARY);
         recycle();
         sort();
         tick()
       }
       if
       :: nothingCanChange() -> break
       :: else
       fi
     }
  od
}
