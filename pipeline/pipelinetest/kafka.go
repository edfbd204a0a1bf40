package pipelinetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

// CacheVariable names the folder that holds what tests of real components
// need: kafka/*.jar, which .ci/kafka/pom.xml lists.
const CacheVariable = "KOE_TEST_CACHE"

// CIVariable is set where no test may skip for want of a component.
const CIVariable = "KOE_CI"

// The user that a real broker knows on its port with SASL.
const (
	KafkaUser     = "koe"
	KafkaPassword = "secret"
)

// Kafka is a broker of a real Apache Kafka in KRaft mode, alone or of a cluster.
type Kafka struct {
	ID      int    // of the node, from 1
	Addr    string // host:port without encryption and without authentication
	SASL    string // host:port with PLAIN and SCRAM-SHA-512, without encryption
	TLS     string // host:port with encryption
	Mutual  string // host:port with encryption, for clients with a certificate
	SASLTLS string // host:port with PLAIN and SCRAM-SHA-512, with encryption

	Authority *Authority // that its ports with encryption trust, and that signs for them

	dir        string
	jars       string
	controller string // host:port
	cmd        *exec.Cmd
	ended      chan error
}

// StartKafka starts a broker, which the end of the test kills, or skips the
// test if Java or the jars are not there, or if the test run is a short one.
func StartKafka(t testing.TB) *Kafka {
	t.Helper()
	return StartCluster(t, 1)[0]
}

// StartCluster is StartKafka with n brokers, which hold every partition n times.
func StartCluster(t testing.TB, n int) []*Kafka {
	t.Helper()
	jars := kafkaJars(t)
	authority := NewAuthority(t)
	var nodes []*Kafka
	var voters []string
	for id := range n {
		ports := freePorts(t, 6)
		k := &Kafka{
			ID: id + 1, Addr: ports[0], SASL: ports[1], TLS: ports[2], Mutual: ports[3], SASLTLS: ports[4], controller: ports[5],
			Authority: authority, dir: t.TempDir(), jars: jars,
		}
		nodes = append(nodes, k)
		voters = append(voters, fmt.Sprintf("%d@%s", k.ID, k.controller))
	}
	for _, k := range nodes {
		k.keystore(t)
		if err := os.WriteFile(k.path("server.properties"), []byte(k.properties(voters)), 0o600); err != nil {
			t.Fatal(err)
		}
		format := k.java(t, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", k.path("server.properties"),
			"--add-scram", "SCRAM-SHA-512=[name="+KafkaUser+",password="+KafkaPassword+"]")
		if out, err := format.CombinedOutput(); err != nil {
			t.Fatalf("format the broker's storage: %v\n%s", err, out)
		}
		t.Cleanup(func() {
			if k.cmd != nil {
				k.Kill(t)
			}
		})
		k.launch(t)
	}
	for _, k := range nodes {
		k.await(t)
	}
	return nodes
}

// keystore writes the file that holds the broker's key, its certificate and
// that of the authority.
func (k *Kafka) keystore(t testing.TB) {
	t.Helper()
	cert, key := k.Authority.Issue(t, "broker-"+strconv.Itoa(k.ID))
	var all []byte
	for _, name := range []string{key, cert, k.Authority.File} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	if err := os.WriteFile(k.path("keystore.pem"), all, 0o600); err != nil {
		t.Fatal(err)
	}
}

// kafkaJars returns the class path of the broker, or skips the test.
func kafkaJars(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a real broker takes seconds to start; run without -short")
	}
	cache := environ(CacheVariable)
	missing := ""
	if jars, err := filepath.Glob(filepath.Join(cache, "kafka", "*.jar")); cache == "" {
		missing = CacheVariable + " is unset; it names the folder with kafka/*.jar"
	} else if err != nil || len(jars) == 0 {
		missing = "no jars in " + filepath.Join(cache, "kafka") + "; .ci/kafka/pom.xml says how they come there"
	} else if _, err := exec.LookPath("java"); err != nil {
		missing = "no java: " + err.Error()
	}
	switch {
	case missing != "" && environ(CIVariable) != "":
		t.Fatal(missing)
	case missing != "":
		t.Skip(missing)
	}
	return filepath.Join(cache, "kafka", "*")
}

//nolint:forbidigo // what a test run may use is its environment's to say
func environ(name string) string { return os.Getenv(name) }

func (k *Kafka) path(name string) string { return filepath.Join(k.dir, name) }

// java does not end with the test's context, which ends before its cleanup.
func (k *Kafka) java(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	args = append([]string{
		"-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", k.jars,
	}, args...)
	return exec.CommandContext(context.WithoutCancel(t.Context()), "java", args...)
}

func (k *Kafka) properties(voters []string) string {
	copies := strconv.Itoa(len(voters))
	ports := "PLAINTEXT://" + k.Addr + ",SASL_PLAINTEXT://" + k.SASL + ",SSL://" + k.TLS + ",MTLS://" + k.Mutual + ",SASL_SSL://" + k.SASLTLS
	lines := []string{
		"process.roles=broker,controller",
		"node.id=" + strconv.Itoa(k.ID),
		"controller.quorum.voters=" + strings.Join(voters, ","),
		"controller.quorum.election.timeout.ms=500",
		"controller.quorum.fetch.timeout.ms=1000",
		"listeners=" + ports + ",CONTROLLER://" + k.controller,
		"advertised.listeners=" + ports,
		"listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,MTLS:SSL,SASL_SSL:SASL_SSL",
		"controller.listener.names=CONTROLLER",
		"inter.broker.listener.name=PLAINTEXT",
		"log.dirs=" + k.path("data"),
		"auto.create.topics.enable=false",
		"message.max.bytes=20000000",
		"offsets.topic.num.partitions=4",
		"default.replication.factor=" + copies,
		"min.insync.replicas=" + strconv.Itoa(len(voters)/2+1), // of a lost broker's followers one has all
		"offsets.topic.replication.factor=" + copies,
		"transaction.state.log.replication.factor=" + copies,
		"transaction.state.log.min.isr=1",
		"group.initial.rebalance.delay.ms=0",
		// Without these two a start after a kill takes 12.6 s instead of 4.8 s: the
		// controller takes the dead broker for alive.
		"broker.session.timeout.ms=2000",
		"broker.heartbeat.interval.ms=500",
		"ssl.keystore.type=PEM",
		"ssl.keystore.location=" + k.path("keystore.pem"),
		"ssl.truststore.type=PEM",
		"ssl.truststore.location=" + k.Authority.File,
		"listener.name.mtls.ssl.client.auth=required",
		"sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN",
	}
	for _, port := range []string{"sasl_plaintext", "sasl_ssl"} {
		lines = append(lines,
			"listener.name."+port+".scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
			"listener.name."+port+".plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_"+KafkaUser+"=\""+KafkaPassword+"\";")
	}
	return strings.Join(lines, "\n") + "\n"
}

// Start starts the broker, after Kill with what it had, and waits until it
// answers.
func (k *Kafka) Start(t testing.TB) {
	t.Helper()
	k.launch(t)
	k.await(t)
}

func (k *Kafka) launch(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(k.path("broker.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	k.cmd = k.java(t, "kafka.Kafka", k.path("server.properties"))
	k.cmd.Stdout, k.cmd.Stderr = log, log
	if err := k.cmd.Start(); err != nil {
		k.cmd = nil
		t.Fatal(err)
	}
	k.ended = make(chan error, 1)
	go func(cmd *exec.Cmd, ended chan<- error) { ended <- cmd.Wait() }(k.cmd, k.ended)
}

// await waits up to 90 s until the broker answers: with other work on both
// cores of a small machine it has taken 25 s.
func (k *Kafka) await(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 90*time.Second)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !k.answers(ctx) {
		select {
		case <-tick.C:
		case err := <-k.ended:
			k.cmd = nil
			t.Fatalf("the broker ended by itself: %v\n%s", err, k.tail())
		case <-ctx.Done():
			t.Fatalf("the broker does not answer after 90 s\n%s", k.tail())
		}
	}
}

func (k *Kafka) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	client := &kafka.Client{Addr: kafka.TCP(k.Addr), Transport: transport}
	res, err := client.Metadata(ctx, &kafka.MetadataRequest{})
	return err == nil && len(res.Brokers) > 0 && res.Controller.Host != "" // topics are made by the controller
}

// Kill ends the broker as a loss of power would, with SIGKILL.
func (k *Kafka) Kill(t testing.TB) {
	t.Helper()
	if err := k.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	if err := <-k.ended; err != nil && k.cmd.ProcessState == nil {
		t.Error(err)
	}
	k.cmd = nil
}

// tail returns the end of the broker's log.
func (k *Kafka) tail() string {
	b, err := os.ReadFile(k.path("broker.log"))
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(b[max(0, len(b)-4000):])
}

// freePorts finds ports of the loopback address that nobody uses.
func freePorts(t testing.TB, n int) []string {
	t.Helper()
	var out []string
	for range n {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }() // all at the end, so that they differ
		out = append(out, l.Addr().String())
	}
	return out
}
