import { t } from '../i18n/texts';

/** Readable name of the browser of a user agent, such as `Firefox on Linux`. */
export function browserName(agent: string | null | undefined): string {
  if (!agent) return t.profile.unknownBrowser;
  const first = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = first([
    [/Edg\//, 'Edge'],
    [/OPR\//, 'Opera'],
    [/Firefox\//, 'Firefox'],
    [/Chrome\//, 'Chrome'],
    [/Safari\//, 'Safari'],
    [/curl/i, 'curl'],
  ]);
  const system = first([
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return browser ? (system ? t.profile.browserOn(browser, system) : browser) : agent.slice(0, 40);
}
