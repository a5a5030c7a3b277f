"""librdkafka, as tests drive it: one command a call, JSON lines in and out.

    librdkafka.py produce BROKERS TOPIC CODEC          {"value": text} each
    librdkafka.py transactions BROKERS TOPIC ID        {"partition", "values", "commit"} each
    librdkafka.py consume BROKERS TOPIC PARTITIONS     → {"partition", "offset", "value"} each
    librdkafka.py avro BROKERS TOPIC REGISTRY SCHEMA   {"key", "value": object} each
"""

import json
import sys

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

WITHIN_S = 30


def rows():
    return [json.loads(line) for line in sys.stdin]


def flushed(producer):
    left = producer.flush(WITHIN_S)
    if left:
        sys.exit(f"{left} records were not taken")


def produce(brokers, topic, codec):
    producer = Producer({"bootstrap.servers": brokers, "compression.codec": codec, "linger.ms": 50})
    for row in rows():
        producer.produce(topic, row["value"].encode())
        producer.poll(0)
    flushed(producer)


def transactions(brokers, topic, name):
    producer = Producer({"bootstrap.servers": brokers, "transactional.id": name})
    producer.init_transactions(WITHIN_S)
    for row in rows():
        producer.begin_transaction()
        for value in row["values"]:
            producer.produce(topic, value.encode(), partition=row["partition"])
        flushed(producer)
        if row["commit"]:
            producer.commit_transaction(WITHIN_S)
        else:
            producer.abort_transaction(WITHIN_S)


def consume(brokers, topic, partitions):
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "librdkafka",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "check.crcs": True,
        }
    )
    consumer.assign([TopicPartition(topic, one, 0) for one in range(int(partitions))])
    ended = set()
    while len(ended) < int(partitions):
        message = consumer.poll(WITHIN_S)
        if message is None:
            sys.exit("it never came to the end")
        error = message.error()
        if error is not None and error.code() == KafkaError._PARTITION_EOF:
            ended.add(message.partition())
        elif error is not None:
            sys.exit(str(error))
        else:
            place = {"partition": message.partition(), "offset": message.offset()}
            print(json.dumps({**place, "value": message.value().decode()}))
    consumer.close()


def avro(brokers, topic, registry, schema):
    from confluent_kafka.schema_registry import SchemaRegistryClient
    from confluent_kafka.schema_registry.avro import AvroSerializer
    from confluent_kafka.serialization import MessageField, SerializationContext

    serializer = AvroSerializer(SchemaRegistryClient({"url": registry}), schema)
    options = {"compression.codec": "zstd", "linger.ms": 20}
    producer = Producer({"bootstrap.servers": brokers, **options})
    for row in rows():
        value = serializer(row["value"], SerializationContext(topic, MessageField.VALUE))
        producer.produce(topic, value, key=row["key"].encode())
        producer.poll(0)
    flushed(producer)


COMMANDS = {"produce": produce, "transactions": transactions, "consume": consume, "avro": avro}
COMMANDS[sys.argv[1]](*sys.argv[2:])
