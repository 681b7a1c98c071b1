/** What this device remembers for its door: its name, its screening and whether it makes sounds. */

import { w } from '../i18n/work/texts';

function remembered(key: string): { read: () => string | null; write: (value: string) => void } {
  const name = `ticketshow.door.${key}`;
  return {
    read: () => {
      try {
        return localStorage.getItem(name);
      } catch {
        return null;
      }
    },
    write: (value) => {
      try {
        localStorage.setItem(name, value);
      } catch {
        // Storage is off: it is remembered until the page is left.
      }
    },
  };
}

export const lastScreening = remembered('screening');
export const lastVenue = remembered('venue');
export const quiet = remembered('quiet');
const storedName = remembered('device');

/** Name under which other staff see the check-ins of this device. */
export const deviceName = {
  read: () => storedName.read() ?? w.door.device,
  write: (name: string) => {
    storedName.write(name.trim().slice(0, 60) || w.door.device);
  },
};
