/** One at a time: two shells that are opened at once must not both start the container. */
import { SwitchyardError } from "../shared/errors.ts";
import { withLock as lockedBy } from "../shared/lock.ts";

/** Another shell holds the lock of a fused container for too long. */
const tooLong = (file: string, patience: number): SwitchyardError =>
  new SwitchyardError("engine.failed", {
    detail: `another shell has been starting this container for ${patience / 1000} s`,
    hint: `If there is none, remove ${file}.`,
  });

/**
 * As `withLock` of shared/lock.ts; without a `refusal` another shell is what is waited for.
 * @throws SwitchyardError engine.failed, or `refusal`; state.unusable
 */
export const withLock = <T>(
  file: string,
  patience: number,
  work: () => Promise<T>,
  refusal: (holder: string) => SwitchyardError = () => tooLong(file, patience),
): Promise<T> => lockedBy(file, patience, work, refusal);
