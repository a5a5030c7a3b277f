import { memoryStoreFolder } from '../../src/state/memory/memory-store.ts';
import { storeContract } from './store-contract.ts';

storeContract('the memory store', () => Promise.resolve(memoryStoreFolder()));
