export { drawingOf, type Shape } from "./drawing";
export { type Length, readLength, readNumbers } from "./numbers";
export { type Contour, encloses, isNear } from "./outline";
export { type ViewBox, viewBoxOf } from "./viewBox";
