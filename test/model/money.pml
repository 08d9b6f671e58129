/* The contract's books. Without -DMONEY nothing is counted. */

#ifdef MONEY
#define take(party, amount) balance = balance + (amount); brought[party] = brought[party] + (amount)
#define pay(party, amount) owed[party] = owed[party] + (amount)
#define burn(amount) burned = burned + (amount)
/* Receivers withdraw at the end of a unit: when they do makes no difference to anybody else. */
#define withdraw(party) \
  balance = balance - owed[party]; brought[party] = brought[party] - owed[party]; owed[party] = 0
#else
#define take(party, amount) skip
#define pay(party, amount) skip
#define burn(amount) skip
#define withdraw(party) skip
#endif
