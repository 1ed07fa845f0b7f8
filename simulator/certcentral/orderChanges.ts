import * as z from "zod";
import { ApiError, badParameter, switchedError } from "./errors";
import { type Answer, type Call, created, noContent, ok, type Route } from "./http";
import { checkCustomField } from "./orders";
import { rejectReissue } from "./reissues";
import { endOrder, processRequest } from "./requests";
import { email, idNumber, text, validate } from "./validateRequest";

function updateStatus({ world, key, params, json }: Call): Answer {
  const order = world.order(key, params[0]!);
  const schema = z.strictObject({
    status: z.string(),
    note: z.string().optional(),
    send_emails: z.boolean().optional(),
  });
  const { status, note } = validate(schema, json);
  const { cancelSpelling, cancelUnapproved, cancelNotPendingError } = world.switches;
  const spellings = cancelSpelling === "both" ? ["CANCELED", "canceled"] : [cancelSpelling];
  if (!spellings.includes(status as "canceled")) {
    throw badParameter("status", `must be ${spellings.join(" or ")} (case-sensitive)`);
  }
  if (!note) throw new ApiError(400, "missing_parameter|note", "A note is required to cancel an order.");

  if (order.status === "reissue_pending") {
    rejectReissue(world, order, note);
  } else if (order.status === "needs_approval" && cancelUnapproved === "allowed") {
    const request = world.state.requests.find(
      ({ id, type }) => order.requestIds.includes(id) && type === "new_request",
    )!;
    processRequest(world, request, "rejected", key.userId, note);
    endOrder(world, order, "canceled");
  } else if (order.status === "pending" || order.status === "processing") {
    endOrder(world, order, "canceled");
  } else {
    throw switchedError(cancelNotPendingError, `The order is ${order.status}: only a pending one can be canceled.`);
  }
  order.notes.push({ id: world.id(), text: note });
  return noContent();
}

function updateContacts({ world, key, params, json }: Call): Answer {
  const order = world.order(key, params[0]!);
  const contact = z.strictObject({
    contact_type: z.enum(["organization_contact", "technical_contact"]),
    first_name: text,
    last_name: text,
    email,
    job_title: text.optional(),
    telephone: text.optional(),
    telephone_extension: text.optional(),
    language_id: idNumber.optional(),
  });
  const { contacts } = validate(z.strictObject({ contacts: z.array(contact).min(1) }), json);
  for (const { contact_type, language_id: _, ...person } of contacts) {
    if (contact_type === "organization_contact") order.organizationContact = person;
    else order.technicalContact = person;
  }
  return noContent();
}

function setCustomField({ world, key, params, json }: Call): Answer {
  const order = world.order(key, params[0]!);
  const field = validate(z.strictObject({ metadata_id: idNumber, value: z.string() }), json);
  checkCustomField(world, key, field);
  order.customFields = [...order.customFields.filter(({ metadata_id }) => metadata_id !== field.metadata_id), field];
  return noContent();
}

function addNote({ world, key, params, json }: Call): Answer {
  const order = world.order(key, params[0]!);
  const note = { id: world.id(), text: validate(z.strictObject({ text }), json).text };
  order.notes.push(note);
  return created({ id: note.id });
}

export const orderChangeRoutes: Route[] = [
  { method: "PUT", path: "/order/certificate/{id}/status", access: "order", handle: updateStatus },
  { method: "PUT", path: "/order/certificate/{id}/contact", access: "order", handle: updateContacts },
  { method: "POST", path: "/order/certificate/{id}/custom-field", access: "order", handle: setCustomField },
  { method: "POST", path: "/order/certificate/{id}/note", access: "order", handle: addNote },
  {
    method: "GET",
    path: "/order/certificate/{id}/note",
    access: "read",
    handle: ({ world, key, params }) => ok({ notes: world.order(key, params[0]!).notes }),
  },
];
