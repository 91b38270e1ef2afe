// Resource types that the lab accepts without modelling them, each with the reason why nothing
// that a drill can observe depends on it.

export const inertTypes: { readonly [type: string]: string } = {
  "AWS::CDK::Metadata": "Says which CDK version wrote the template.",
  "AWS::Logs::LogGroup":
    "Functions' prints are kept by the lab's Lambda runtime; nobody reads logs.",
  "AWS::Lambda::LayerVersion": "Holds the AWS command line for CDK's bucket deployment.",
  "AWS::KMS::Key": "Encryption at rest has no effect that a drill can observe.",
  "AWS::KMS::Alias": "Names a key.",
  "AWS::CertificateManager::Certificate": "The lab's HTTPS has no certificates to validate.",
};
