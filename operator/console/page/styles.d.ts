// Style sheets are the bundler's: they have no values.
declare module "*.css";
