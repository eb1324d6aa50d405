/** Names of files, in both of OpenAI's forms. */

/** OpenAI tells the kind of a file by the end of its name. */
export const fileName = (title: string | undefined): string => {
  if (title === undefined) return "document.pdf";
  return /\.[A-Za-z0-9]{1,5}$/.test(title) ? title : `${title}.pdf`;
};
