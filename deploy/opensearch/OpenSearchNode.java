import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * One OpenSearch node on this machine: {@code OpenSearchNode FOLDER HTTP_PORT TRANSPORT_PORT}. Exit code 1 if it does not start.
 *
 * <p>The runner's own command line keeps the reason of a failed start to itself; its API tells.
 */
public final class OpenSearchNode {
  private OpenSearchNode() {}

  public static void main(String[] arguments) throws Exception {
    String folder = arguments[0];
    String httpPort = arguments[1];
    String transportPort = arguments[2];
    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild(
        (number, settings) -> {
          // All addresses of a container, whose network is its own.
          settings.put("network.host", System.getProperty("opensearch.host", "127.0.0.1"));
          settings.put("http.port", httpPort);
          settings.put("transport.port", transportPort);
          settings.put("discovery.type", "single-node");
          settings.putList("discovery.seed_hosts");
          settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        });
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    runner.close();
                  } catch (Exception failed) {
                    failed.printStackTrace();
                  }
                }));
    try {
      runner.build(
          OpenSearchRunner.newConfigs().basePath(folder).clusterName("ticketshow").numOfNode(1).useLogger());
    } catch (Exception failed) {
      failed.printStackTrace();
      System.exit(1);
    }
    System.out.println("OpenSearch listens on 127.0.0.1:" + httpPort);
    new CountDownLatch(1).await();
  }
}
