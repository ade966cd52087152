// What the program answers with; the worst of all files counts.

export const exitCodes = { proven: 0, notProven: 1, failed: 2, unreadable: 3 } as const;

export const usage = `node verify-receipt.js [--json] [--signer ADDRESS] [--model FILE] FILE...

Checks receipts of 0G Compute again, without a network.
  --json            one JSON list instead of lines
  --signer ADDRESS  every receipt must be signed by this key, which you know from the chain
  --model FILE      every receipt must be of this encrypted model, which is read once

Exit code, the highest of all files: 0 proven; 1 not proven; 2 failed: changed, forged, or no receipt at all;
3 a file that cannot be opened, or a receipt of a newer form.`;
