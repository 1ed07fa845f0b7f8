const uploadedEncoded = "the logo is uploaded encoded, as it is ordered: `uploadEncodedLogo`";

/** Why no resource calls an endpoint of the seed documents, or sends a parameter: by id in `simulator/seeds.json`. */
export const reasons: Record<string, string> = {
  "S1.order.vmc.trademark_country_or_region":
    "the document's other name for `trademark_country_code`, which its examples send",
  "S1.uploadLogo": uploadedEncoded,
  "S1.uploadLogo.body": uploadedEncoded,
  "S1.uploadLogo.contentType": uploadedEncoded,
  "S0.uploadLogo": uploadedEncoded,
};
