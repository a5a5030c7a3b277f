/** The versions of `docker-compose.yml` too; `test/unit/deploy/compose.test.ts` compares them. */
export const KAFKA_VERSION = '4.3.1';
export const REGISTRY_VERSION = '2.6.13.Final';
const LOG4J_VERSION = '2.25.2';

/** Broker, controller and the tools that come with them. */
const ARTIFACTS = [
  ['org.apache.kafka', 'kafka_2.13', KAFKA_VERSION],
  ['org.apache.kafka', 'kafka-server', KAFKA_VERSION],
  ['org.apache.kafka', 'kafka-tools', KAFKA_VERSION],
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', LOG4J_VERSION],
] as const;

/** What Maven is asked to unpack for the registry. */
export const REGISTRY_ARTIFACT = `io.apicurio:apicurio-registry-app:${REGISTRY_VERSION}:tar.gz:all`;

/** What Maven is asked to copy for the broker. */
export const KAFKA_POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>tidecast</groupId><artifactId>local-kafka</artifactId><version>1</version>
<packaging>pom</packaging>
<dependencies>
${ARTIFACTS.map(
  ([group, artifact, version]) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>` +
    `<version>${version}</version></dependency>`,
).join('\n')}
</dependencies>
</project>
`;
