import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderArtifactStore } from '../../src/registry/folder/folder-artifact-store.ts';
import { memoryArtifactStore } from '../support/memory-artifact-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { artifactStoreContract, sha256Of } from './artifact-store-contract.ts';

artifactStoreContract('the artifact store in a folder', async () =>
  folderArtifactStore(join(await temporaryFolder(), 'deep', 'artifacts')),
);
artifactStoreContract('the artifact store of tests', async () => memoryArtifactStore());

describe('the artifact store in a folder that others wrote to', () => {
  const bytes = Buffer.from('a model');
  const sha256 = sha256Of(bytes);

  it('refuses a damaged file and says what to do, until the bytes are put again', async () => {
    const folder = await temporaryFolder();
    const store = folderArtifactStore(folder);
    await store.put(sha256, bytes);
    await writeFile(join(folder, sha256), 'a mod');
    await expect(store.get(sha256)).rejects.toMatchObject({
      code: 'ARTIFACT_DAMAGED',
      message: expect.stringContaining('restore it from a copy, or delete it') as string,
    });
    await store.put(sha256, bytes);
    expect(Buffer.from((await store.get(sha256)) ?? '')).toEqual(bytes);
  });

  it('begins over what a crash left unfinished, and leaves nothing beside it', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, `${sha256}.part`), 'much longer than the artifact itself');
    await folderArtifactStore(folder).put(sha256, bytes);
    expect(await readdir(folder)).toEqual([sha256]);
    expect(await readFile(join(folder, sha256))).toEqual(bytes);
  });

  it('says so, retriably, when the disk refuses', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    await expect(
      folderArtifactStore(join(folder, 'file')).put(sha256, bytes),
    ).rejects.toMatchObject({ code: 'ARTIFACT_DISK', retriable: true });
    await mkdir(join(folder, sha256));
    await expect(folderArtifactStore(folder).get(sha256)).rejects.toMatchObject({
      code: 'ARTIFACT_DISK',
    });
  });
});
