/** Operations of the API, and how they become those of OpenAPI. */
import { named, type Schema, text } from "./schema.ts";

export type Access = "client" | "admin" | "metrics" | "everybody";

/** An answer that is not JSON, or not JSON alone. */
export interface Media {
  readonly type: string;
  readonly schema: Schema;
  /** Other media types that it may have, with their schemas. */
  readonly also?: Readonly<Record<string, Schema>>;
}

export interface Operation {
  readonly summary: string;
  /** Who may ask. */
  readonly access: Access;
  /** Name -> schema. None must be there. */
  readonly query?: Readonly<Record<string, Schema>>;
  readonly body?: Schema;
  /** Of 200: a schema of JSON, or a media type with its schema. */
  readonly answer: Schema | Media;
  /** Other statuses than 200 that are no errors, or that say more than an error does. */
  readonly more?: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>>;
  /** The shape of errors, where it is not Anthropic's. */
  readonly errors?: "OpenAiError" | "GoogleError";
}

export type Paths = Readonly<Record<string, Readonly<Partial<Record<"get" | "post" | "put", Operation>>>>>;

const security: Readonly<Record<Access, readonly Schema[]>> = {
  everybody: [],
  // Any one of them; none is needed where no key is configured.
  client: [{ clientBearer: [] }, { clientApiKey: [] }, { clientGoogleKey: [] }, { clientKey: [] }, {}],
  admin: [{ adminToken: [] }, { adminSession: [] }],
  metrics: [{ clientBearer: [] }, { adminToken: [] }, {}],
};

const json = (schema: Schema): Schema => ({ "application/json": { schema } });

const isMedia = (answer: Operation["answer"]): answer is Media =>
  "schema" in answer && typeof answer["type"] === "string" && answer["type"].includes("/");

const contentOf = (answer: Operation["answer"]): Schema => {
  if (!isMedia(answer)) return json(answer);
  const all = Object.entries({ [answer.type]: answer.schema, ...answer.also });
  return Object.fromEntries(all.map(([type, schema]) => [type, { schema }]));
};

/** What `components.parameters` would say, at each path that has one: `{id}`. */
const parametersOf = (path: string, query: Operation["query"] = {}): Schema[] => [
  ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: text(),
  })),
  ...Object.entries(query).map(([name, schema]) => ({ name, in: "query", required: false, schema })),
];

const operationOf = (path: string, method: string, operation: Operation): Schema => {
  const { summary, access, query, body, answer, more = {}, errors = "Error" } = operation;
  const parameters = parametersOf(path, query);
  return {
    operationId: `${method}${path.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "")}`,
    summary,
    tags: [access === "admin" ? "administration" : access === "client" ? "models" : "operation"],
    security: security[access],
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: { required: true, content: json(body) } }),
    responses: {
      "200": { description: "Done.", content: contentOf(answer) },
      ...Object.fromEntries(
        Object.entries(more).map(([status, { description, schema }]) => [
          status,
          { description, content: json(schema) },
        ]),
      ),
      default: { description: "An error.", content: json(named(errors)) },
    },
  };
};

/** `paths` of an OpenAPI document. */
export const pathsOf = (paths: Paths): Schema =>
  Object.fromEntries(
    Object.entries(paths).map(([path, operations]) => [
      path,
      Object.fromEntries(
        Object.entries(operations).map(([method, operation]) => [
          method,
          operationOf(path, method, operation),
        ]),
      ),
    ]),
  );
