declare const brand: unique symbol;

/** A primitive that only its own constructor hands out, so that two of them are never mixed up. */
export type Brand<Primitive, Name extends string> = Primitive & { readonly [brand]: Name };
