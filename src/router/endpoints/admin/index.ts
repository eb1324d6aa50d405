/** Endpoints of access: sessions, client keys, budgets, and the configuration's editor. */
import type { RouterContext } from "../context.ts";
import type { Endpoint } from "../index.ts";
import { later } from "../later.ts";

const session = () => import("./session.ts");
const keys = () => import("./keys.ts");
const config = () => import("./config.ts");

const login = later(async () => (await session()).login);
const logout = later(async () => (await session()).logout);
const readSession = later(async () => (await session()).session);
const replaceToken = later(async () => (await session()).replaceToken);
const listKeys = later(async () => (await keys()).listKeys);
const createKey = later(async () => (await keys()).createKey);
const revokeKey = later(async () => (await keys()).revokeKey);
const rotateKey = later(async () => (await keys()).rotateKey);
const budgets = later(async () => (await import("./budgets.ts")).budgets);
const configs = later(async () => (await config()).configs);
const readConfig = later(async () => (await config()).readConfig);
const writeConfig = later(async () => (await config()).writeConfig);
const checkConfig = later(async () => (await config()).checkConfig);
const readConfigBackup = later(async () => (await config()).readConfigBackup);

export const adminEndpoints = (context: RouterContext): readonly Endpoint[] => [
  // These two look themselves at where they are asked from.
  { methods: ["POST"], path: "/api/login", handler: login(context), access: "open" },
  { methods: ["GET"], path: "/api/session", handler: readSession(context), access: "open" },
  { methods: ["POST"], path: "/api/logout", handler: logout(context) },
  { methods: ["POST"], path: "/api/admin/token", handler: replaceToken(context) },
  { methods: ["GET"], path: "/api/keys", handler: listKeys(context) },
  { methods: ["POST"], path: "/api/keys", handler: createKey(context) },
  { methods: ["POST"], path: "/api/keys/revoke", handler: revokeKey(context) },
  { methods: ["POST"], path: "/api/keys/rotate", handler: rotateKey(context) },
  { methods: ["GET"], path: "/api/budgets", handler: budgets(context) },
  { methods: ["GET"], path: "/api/configs", handler: configs(context) },
  { methods: ["GET"], path: "/api/config", handler: readConfig(context) },
  { methods: ["PUT"], path: "/api/config", handler: writeConfig(context) },
  { methods: ["POST"], path: "/api/config/check", handler: checkConfig(context) },
  { methods: ["GET"], path: "/api/config/backup", handler: readConfigBackup(context) },
];
