export { isTinyColor } from "./color";
export { drawingOf, type Outline, type Shape } from "./drawing";
export { readTransform } from "./matrix";
export { type Length, readLength, readNumber, readNumbers } from "./numbers";
export { type Contour, encloses, isNear } from "./outline";
export { faultIn } from "./pathData";
export { viewOf } from "./seen";
export { shownOf, type ViewBox, viewBoxOf } from "./viewBox";
