import type { Config } from '../config/config.ts';
import type { Naming } from '../streams/changelog.ts';

/** By which the groups and topics of a configuration are named. */
export const namingOf = ({ application, kafka: { topicPrefix } }: Config): Naming => ({
  application,
  topicPrefix,
});
