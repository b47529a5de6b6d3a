// Names that kinds know without a node, by which they find what is ours where AWS cannot list it by tags. One that is given
// up has to stay here, or those who have it keep it.

interface Of {
  /** See Cx. */
  readonly project: string;
}

/** The roles that tap makes. */
export const roleNames = ({ project }: Of) => ({
  ecsExecution: `${project}-ecs-execution-role`,
  ecsTask: `${project}-ecs-task-role`,
  githubActions: `${project}-github-actions-role`,
  githubPlan: `${project}-github-plan-role`,
  flowLogs: `${project}-flow-logs-role`,
});

/** An environment has one cluster: the one whose services and tasks are looked at. */
export const clusterName = ({ project }: Of): string => `${project}-cluster`;
