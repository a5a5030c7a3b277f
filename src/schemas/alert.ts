export interface Alert {
  readonly id: string;
  readonly stream: string;
  readonly kind: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly state: 'firing' | 'resolved';
  readonly scope: string;
  readonly message: string;
  /** Numbers behind it, as canonical JSON. */
  readonly evidence: string;
}
