const uploadedRaw = "the SVG is uploaded as it is, by `uploadLogo`";

/** Why no resource calls an endpoint of the seed documents, or sends a parameter: by id in `simulator/seeds.json`. */
export const reasons: Record<string, string> = {
  "S1.order.vmc.trademark_country_or_region":
    "the document's other name for `trademark_country_code`, which its examples send",
  "S1.uploadEncodedLogo": uploadedRaw,
  "S1.uploadEncodedLogo.logo": uploadedRaw,
  "S0.uploadEncodedLogo": uploadedRaw,
};
