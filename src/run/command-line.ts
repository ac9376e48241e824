import { withoutQuery } from '../check/text.ts';
import { assignedSecrets, urlSecrets } from '../kernel/redact.ts';

const word = String.raw`'[^']*'|"[^"]*"|[^\s;&|()'"]+`;
// What gives a value to a name: `NAME=value` where a word begins, an option that is named like a secret, the user of
// curl, a header.
const given = [
  String.raw`(?<=^|[\s;&|('"])([A-Za-z_]\w*=)(${word})`,
  String.raw`(?<=^|[\s'"])(--?[\w-]*(?:pass|secret|token|key|auth|cred)[\w-]*[=\s])(${word})`,
  String.raw`(?<=^|\s)((?:-u|--user)[=\s])(${word})`,
  String.raw`([\w-]*(?:key|token|auth|secret|cookie|session)[\w-]*:\s*)([^'"]+)`,
].map((pattern) => new RegExp(pattern, 'gi'));
const url = /\b[a-z][a-z\d+.-]*:\/\/[^\s'"]+/gi;

/** A command line as it may be shown: no value of an assignment or of a secret option, no userinfo and query of a URL. */
export function shownCommand(command: string): string {
  const safe = command.replaceAll(url, (found) => withoutQuery(found));
  return given.reduce((text, pattern) => text.replaceAll(pattern, '$1…'), safe);
}

/** What of a command line may never be shown. */
export function secretsOfCommand(command: string): readonly string[] {
  const values = given.flatMap((pattern) =>
    [...command.matchAll(pattern)].flatMap(([, name = '', value = '']) =>
      assignedSecrets(name, value.replaceAll(/^['"]|['"]$/g, '')),
    ),
  );
  return [...values, ...(command.match(url) ?? []).flatMap(urlSecrets)];
}
