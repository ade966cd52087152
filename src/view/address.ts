/** "0xa48f…1c27": enough to recognise an address one knows; never enough to trust one. */
export function shortAddress(address: string): string {
  return address.length > 12 ? `${address.slice(0, 6)}…${address.slice(-4)}` : address;
}
