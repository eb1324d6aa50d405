/** The way into the dashboard, in a browser. */
import type { Page } from "playwright-core";
import type { DashboardWorld } from "./dashboard-world.ts";

/** @param world where it is, and the administrator's token */
export const signIn = async (
  page: Page,
  { url, token }: Pick<DashboardWorld, "url" | "token">,
): Promise<void> => {
  await page.goto(url);
  await page.getByLabel("Administrator's token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Views" }).waitFor();
};
