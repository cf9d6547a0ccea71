/** Zones by the part before the slash, for a list that people can find theirs in. */
export interface ZoneGroup {
  name: string;
  zones: readonly string[];
}

let groups: readonly ZoneGroup[] | undefined;

/** Every zone of the IANA data here; UTC stands first, alone. Made once, when first asked. */
export function zoneGroups(): readonly ZoneGroup[] {
  groups ??= group(Intl.supportedValuesOf('timeZone').filter((zone) => zone.includes('/')));
  return groups;
}

/** Whether the list has this zone; an alias that it lacks is shown on its own. */
export function isListed(zone: string): boolean {
  return zone === 'UTC' || zoneGroups().some(({ zones }) => zones.includes(zone));
}

function group(zones: readonly string[]): ZoneGroup[] {
  const byRegion = new Map<string, string[]>();
  for (const zone of zones) {
    const region = zone.slice(0, zone.indexOf('/'));
    byRegion.set(region, [...(byRegion.get(region) ?? []), zone]);
  }
  return [...byRegion].map(([name, members]) => ({ name, zones: members.toSorted() }));
}
