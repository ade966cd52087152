/** Nominal typing for plain values: a `Brand<string, "Address">` cannot be given where another string is wanted. */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
