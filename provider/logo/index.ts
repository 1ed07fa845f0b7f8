export { decodeLogo, encodeLogo } from "./encode";
export { LogoError, type LogoErrorCode } from "./errors";
export { type FixedLogo, type FixOptions, fixLogo, type Repair } from "./fix";
export { type LintOptions, lintLogo, rules } from "./lint";
export { type Logo, MAX_LOGO_BYTES, readLogo } from "./read";
