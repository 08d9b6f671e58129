import type { Subject } from "./subject.ts";

const file = "types/Words.sol";

export const words: Subject = {
  contract: "WordProperties",
  deployment: "protocol",
  properties: [
    {
      title: "a claim comes back from its word with every field as it was, and the word has 120 bits",
      name: "claimsComeBack",
    },
    {
      title: "a stake comes back from its word with every field as it was, and the word has 48 bits",
      name: "stakesComeBack",
    },
    {
      title: "a build in a round comes back from its word with every field as it was, and the word has 184 bits",
      name: "buildsInRoundComeBack",
    },
    {
      title: "a final build comes back from its word with every field as it was, and the word has 248 bits",
      name: "finalBuildsComeBack",
    },
  ],
  mutants: [
    {
      title: "the window's end is put on top of the commitment's time",
      breaks: "claimsComeBack",
      variant: "first",
      file,
      find: "(uint256(s.windowEnd) << 48)",
      replace: "(uint256(s.windowEnd) << 47)",
    },
    {
      title: "the mark of several challenges is a bit of their number",
      breaks: "stakesComeBack",
      variant: "first",
      file,
      find: "(s.several ? 1 << 40 : 0)",
      replace: "(s.several ? 1 << 39 : 0)",
    },
    {
      title: "the number of claims to the first root is read from 31 bits",
      breaks: "buildsInRoundComeBack",
      variant: "first",
      file,
      find: "s.firstRootClaims = uint32(word >> 112);",
      replace: "s.firstRootClaims = uint32(word >> 112) & 0x7fff_ffff;",
    },
    {
      title: "a trapped build is read as one in a round",
      breaks: "finalBuildsComeBack",
      file,
      find: "return phase == BuildPhase.Halted || phase == BuildPhase.Trapped;",
      replace: "return phase == BuildPhase.Halted;",
    },
    {
      title: "the artifact's size is cut to 63 bits",
      breaks: "finalBuildsComeBack",
      variant: "first",
      file,
      find: "(uint256(s.artifactSize) << 120)",
      replace: "(uint256(s.artifactSize & 0x7fff_ffff_ffff_ffff) << 120)",
    },
  ],
};
