import type { Io } from '../io.ts';
import type { StartDemo } from '../demo/run-demo.ts';
import { maintenanceFailures } from '../maintenance-failures.ts';
import { processLogger } from '../process-logger.ts';
import { startApplication } from './application.ts';
import { ROLES } from './roles.ts';

/** Everything in one process, on the demo's own clock. */
export const startDemo =
  (io: Io): StartDemo =>
  async (config, clock) => {
    const logger = processLogger(io, config);
    const onMaintenanceFailure = maintenanceFailures(logger);
    const opened = await io.openLog(config, {
      clock,
      onMaintenanceFailure,
      registersSchemas: true,
    });
    try {
      await opened.share();
      const running = await startApplication({
        config,
        opened,
        clock,
        logger,
        roles: ROLES,
        isEnding: () => false,
      });
      return {
        log: opened.log,
        address: running.address ?? '',
        stopped: running.failed,
        stop: async () => {
          await running.stop();
          await opened.close();
        },
      };
    } catch (error) {
      await opened.close();
      throw error;
    }
  };
