/* The end of a unit. */

#define lower(x) x = (x > 0 -> x - 1 : 0)

/* One unit passes. Counters stop where more makes no difference. */
inline tick() {
  printf("-- one unit --\n");
  for (c : 0 .. CLAIMS - 1) {
    claim[c].age = (claim[c].status == COMMITTED && claim[c].age <= MAX_COMMIT_AGE -> claim[c].age + 1 : claim[c].age);
    lower(claim[c].window);
    lower(claim[c].computing);
#ifdef CHECK_T3
    lower(claim[c].due);
#endif
    for (k : 0 .. STAKES - 1) {
      CLOCK(k, c) = (CLOCK(k, c) > 0 -> CLOCK(k, c) + 1 : 0)
    }
  }
  for (j : 0 .. BUILDS - 1) {
    lower(build[j].join);
    lower(build[j].calm);
#ifdef CHECK_T3
    lower(build[j].due);
#endif
  }
  done()
}

#if defined(COMMITS) || defined(REWARDS)
#define isFirstFree(c) true
#define recycle() skip
#define sort() skip
#else
/* Where neither money nor seniority is looked at, nothing depends on what was: what has ended leaves its place to
   what comes. The bounds are then on what lives at one time, and not on what the adversary does one after the other.
   */
#define isFirstFree(c) (c < BUILDS || claim[c - BUILDS].status != UNUSED)
inline recycle() {
  for (c : 0 .. CLAIMS - 1) {
    if
    :: claim[c].status == REFUTED && claim[c].challenges == 0 -> claim[c].status = UNUSED
    :: else
    fi
  }
  for (k : BUILDS .. STAKES - 1) {
    if
    :: stake[k].status == LOST && stake[k].open == 0 ->
       stake[k].status = NONE;
       stake[k].several = 0;
       stake[k].whole = 0
    :: else
    fi
  }
}

/* The adversary's claims on a build have no order, and its stakes on it have none: of the states that differ by their
   order alone one is searched, that in which they are sorted by all that is known of them. */
#if STAKES == 2
#define clocksOf(c) (CLOCK(0, c) | CLOCK(1, c) << 3)
#elif STAKES == 3
#define clocksOf(c) (CLOCK(0, c) | CLOCK(1, c) << 3 | CLOCK(2, c) << 6)
#elif STAKES == 4
#define clocksOf(c) (CLOCK(0, c) | CLOCK(1, c) << 3 | CLOCK(2, c) << 6 | CLOCK(3, c) << 9)
#else
#define clocksOf(c) CLOCK(0, c)
#endif
#define rankOf(c) \
  (clocksOf(c) | claim[c].window << 12 | claim[c].computing << 17 | claim[c].root << 19 | claim[c].status << 21)
#define rankOfStake(k) (stake[k].status << 2 | stake[k].several << 1 | stake[k].whole)
#define swap(x, y) n = x; x = y; y = n

inline sort() {
  for (i : 0 .. CLAIMS - 1) {
    for (c : BUILDS .. CLAIMS - 1) {
      if
      :: isMine(c) && rankOf(c) > rankOf(c - BUILDS) ->
         printf("claims %d and %d change their numbers\n", c, c - BUILDS);
         swap(claim[c].status, claim[c - BUILDS].status);
         swap(claim[c].root, claim[c - BUILDS].root);
         swap(claim[c].window, claim[c - BUILDS].window);
         swap(claim[c].computing, claim[c - BUILDS].computing);
         swap(claim[c].challenges, claim[c - BUILDS].challenges);
         for (k : 0 .. STAKES - 1) {
           swap(CLOCK(k, c), CLOCK(k, c - BUILDS))
         }
      :: else
      fi
    }
  }
#if ATTACKS > BUILDS
  for (k : 2 * BUILDS .. STAKES - 1) {
    if
    :: rankOfStake(k) > rankOfStake(k - BUILDS) ->
       printf("stakes %d and %d change their numbers\n", k, k - BUILDS);
       swap(stake[k].status, stake[k - BUILDS].status);
       swap(stake[k].several, stake[k - BUILDS].several);
       swap(stake[k].whole, stake[k - BUILDS].whole);
       swap(stake[k].open, stake[k - BUILDS].open);
       for (c : 0 .. CLAIMS - 1) {
         swap(CLOCK(k, c), CLOCK(k - BUILDS, c))
       }
    :: else
    fi
  }
#endif
  i = 0;
  n = 0
}
#endif
