import { loadConfig, type KafkaConfig } from '../../src/config/config.ts';

/** The section `kafka` of a configuration that says no more of it. */
export const kafkaConfig = (
  kafka: string,
  env: Readonly<Record<string, string>> = {},
): KafkaConfig => loadConfig({ builtIn: `kafka: { ${kafka} }`, env }).kafka;

/** Why such a configuration is refused; `none` where it is not. */
export const kafkaRefusal = (kafka: string): string => {
  try {
    kafkaConfig(kafka);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'none';
};
