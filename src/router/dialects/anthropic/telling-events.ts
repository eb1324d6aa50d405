/**
 * Finds the few events of a stream of Anthropic's that say something of the message as a whole, by their bytes: of a turn with 60 deltas three are
 * read. Parsing all lines took 3.6 % of such a turn.
 */

/** In the names of the events that matter (`message_start`, `message_delta`, `message_stop`), and in that of a failure. */
const ofMessage = "message_";
const ofError = "error";
const eventEnd = "\n\n";
const carriageReturn = 13;

/**
 * Hands over every event in which a mark stands, in order; those that are left out bear no such name. Bytes with carriage returns are handed over as
 * they are: their events may end in other ways.
 * @param events bytes that begin where an event does
 */
export const eachTellingEvent = (events: Buffer, take: (event: Buffer) => void): void => {
  if (events.includes(carriageReturn)) return take(events);
  // One character a byte: places are the same in both.
  const text = events.toString("latin1");
  let message = text.indexOf(ofMessage);
  let error = text.indexOf(ofError);
  for (let from = 0; ;) {
    if (message !== -1 && message < from) message = text.indexOf(ofMessage, from);
    if (error !== -1 && error < from) error = text.indexOf(ofError, from);
    const at = message === -1 || (error !== -1 && error < message) ? error : message;
    if (at === -1) return undefined;
    const before = text.lastIndexOf(eventEnd, at);
    const begin = Math.max(from, before === -1 ? 0 : before + eventEnd.length);
    const end = text.indexOf(eventEnd, at);
    if (end === -1) return take(events.subarray(begin));
    from = end + eventEnd.length;
    take(events.subarray(begin, from));
  }
};
